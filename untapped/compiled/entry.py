"""The C++ that Python calls: takes inputs, makes outputs, runs all steps."""
from __future__ import division, print_function

from untapped.compiled.instructions import c_type

__all__ = ['Entry']

_TEXT = '''
/* the time since the last call is that of a step */
static __attribute__((noinline)) void tick(struct place *p, int step)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    const npy_int64 now = t.tv_sec * (npy_int64)1000000000 + t.tv_nsec;
    npy_int64 *last = p->times + %(steps)d;
    if (step >= 0) p->times[step] += now - *last;
    else last[1]++;
    *last = now;
}

static void release(PyObject *held)
{
    struct place *p = (struct place *)PyCapsule_GetPointer(held, NULL);
    for (int i = 0; i < %(views)d; i++) Py_XDECREF(p->view[i]);
    free(p);
}

/* a capsule with the place; the arrays go with it */
extern "C" PyObject *prepare(char **addresses, multiply **functions,
                             struct pool *pool, npy_int64 *times)
{
    if (_import_array() < 0) return NULL;
    struct place *p = (struct place *)calloc(1, sizeof(struct place));
    if (!p) return PyErr_NoMemory();
    PyObject *held = PyCapsule_New(p, NULL, release);
    if (!held) {
        free(p);
        return NULL;
    }
    for (int i = 0; i < %(buffers)d; i++) p->at[i] = addresses[i];
    for (int i = 0; i < %(products)d; i++) p->product[i] = functions[i];
    p->pool = pool;
    p->times = times;
%(makers)s
    return held;
}

static int take(struct place *p, PyObject *inputs)
{
    PyObject *value;
    PyArrayObject *array;
%(inputs)s
    return 0;
}

static int make(struct place *p, PyArrayObject **made)
{
    npy_intp n[32];
    (void)n;
%(outputs)s
    return 0;
}

static int compute(struct place *p)
{
    if (p->times) tick(p, -1);
%(calls)s
    return 0;
}

/* 0 done, 1 other inputs than those this was made for, -1 an error */
extern "C" int run(PyObject *held, PyObject *inputs, PyObject *outputs)
{
    struct place *p = (struct place *)PyCapsule_GetPointer(held, NULL);
    PyArrayObject *made[%(made)d] = {NULL};
    if (take(p, inputs)) return 1;
    if (make(p, made) < 0 || compute(p) < 0) {
        /* threads know nothing of Python */
        if (!PyErr_Occurred())
            PyErr_SetString(PyExc_IndexError, "index out of range");
        for (int i = 0; i < %(made)d; i++) Py_XDECREF(made[i]);
        return -1;
    }
%(hand)s
    return 0;
}
'''


def _call(number, cut):
    """One thread runs a step as a whole, several do its parts."""
    if cut is None or cut.axis is None:
        text = '    if (step%d(p, 0, 0) < 0) return -1;\n' % number
    else:
        text = ('    if ((threads ? p->pool->run(part%d, p, %d) :\n'
                '         step%d(p, 0, %d)) < 0) return -1;\n' % (
                    number, cut.count, number, cut.length))
    return text + '    if (p->times) tick(p, %d);\n' % number


class Entry(object):
    """The functions that `library` calls.

    Parameters
    ----------
    trace : trace.Trace
    numbers : dict, of each Buffer its place among the addresses
    views : list of Array, those that numpy needs as its own
    """
    def __init__(self, trace, numbers, views):
        self._trace, self._numbers, self._views = trace, numbers, views

    def text(self, sizes, cuts):
        """C++.

        Parameters
        ----------
        sizes : dict, of the arrays in ``struct place``
        cuts : list of division.Cut or None, of each step
        """
        calls = ''.join(_call(i, cut) for i, cut in enumerate(cuts))
        if any(cut is not None for cut in cuts):
            calls = '    const bool threads = p->pool->threads > 1;\n' + calls
        return _TEXT % dict(
            sizes, calls=calls, steps=len(cuts), makers=self._view_makers(),
            made=max(1, len(self._trace.outputs)),
            inputs=self._input_checks(), outputs=self._output_makers(),
            hand=self._output_givers())

    def _view_makers(self):
        text = ''
        for i, array in enumerate(self._views):
            size = array.dtype.itemsize
            # of inputs and outputs the place is not known yet; for NULL
            # numpy would take memory, and later free what the view has then
            moves = array.buffer.kind in ('input', 'output')
            start = 'p' if moves else 'p->at[%d]' % self._numbers[
                array.buffer]
            text += (
                '    { npy_intp n[] = {%s}, s[] = {%s};\n'
                '    p->view[%d] = (PyArrayObject *)PyArray_New('
                '&PyArray_Type, %d, n, %d, s, (void *)%s, %d, '
                'NPY_ARRAY_WRITEABLE | NPY_ARRAY_ALIGNED, NULL);\n'
                '    if (!p->view[%d]) {\n        Py_DECREF(held);\n'
                '        return NULL;\n    }\n'
                '    PyArray_UpdateFlags(p->view[%d], '
                'NPY_ARRAY_C_CONTIGUOUS | NPY_ARRAY_F_CONTIGUOUS);\n' % (
                    ', '.join(map(str, array.shape)),
                    ', '.join(str(s * size) for s in array.strides), i,
                    len(array.shape), array.dtype.num, start, size, i, i))
            if array.offset:
                text += ('    ((PyArrayObject_fields *)p->view[%d])->data += '
                         '%d;\n' % (i, array.offset * size))
            text += '    }\n'
        return text

    def _moving_views(self, kind):
        for i, array in enumerate(self._views):
            if array.buffer.kind == kind:
                yield ('    ((PyArrayObject_fields *)p->view[%d])->data = '
                       'p->at[%d] + %d;\n' % (
                           i, self._numbers[array.buffer],
                           array.offset * array.dtype.itemsize))

    def _input_checks(self):
        text = ''
        for i, array in enumerate(self._trace.inputs):
            size = array.dtype.itemsize
            tests = ['!PyArray_Check(value)',
                     'PyArray_TYPE(array) != %d' % array.dtype.num,
                     'PyArray_NDIM(array) != %d' % len(array.shape)]
            for k, (n, s) in enumerate(zip(array.shape, array.strides)):
                tests.append('PyArray_DIM(array, %d) != %d' % (k, n))
                if n != 1:
                    tests.append('PyArray_STRIDE(array, %d) != %d' % (
                        k, s * size))
            if i in self._trace.specialised:
                known = int(self._trace.values[i])
                tests.append('*(%s *)PyArray_DATA(array) != %d' % (
                    c_type(array.dtype), known))
            text += (
                '    value = PyList_GET_ITEM(\n'
                '        PyList_GET_ITEM(inputs, %d), 0);\n'
                '    array = (PyArrayObject *)value;\n'
                '    if (%s) return 1;\n'
                '    p->at[%d] = PyArray_BYTES(array);\n' % (
                    i, ' || '.join(tests), self._numbers[array.buffer]))
        return text + ''.join(self._moving_views('input'))

    def _output_makers(self):
        text = ''
        for number, i in enumerate(sorted(self._trace.outputs)):
            array = self._trace.outputs[i]
            sizes = ' '.join('n[%d] = %d;' % item
                             for item in enumerate(array.shape))
            text += (
                '    %s\n    made[%d] = (PyArrayObject *)PyArray_EMPTY('
                '%d, n, %d, %d);\n    if (!made[%d]) return -1;\n'
                '    p->at[%d] = PyArray_BYTES(made[%d]);\n' % (
                    sizes, number, len(array.shape), array.dtype.num,
                    int(array.fortran), number,
                    self._numbers[array.buffer], number))
        return text + ''.join(self._moving_views('output'))

    def _output_givers(self):
        text = ''
        for number, i in enumerate(sorted(self._trace.outputs)):
            text += ('    PyList_SetItem(PyList_GET_ITEM(outputs, %d), 0, '
                     '(PyObject *)made[%d]);\n' % (i, number))
        return text
