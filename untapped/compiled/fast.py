"""Functions for results without pinned bits: several numbers at a time.

Polynomials instead of calls, so that g++ makes vector instructions of whole
loops.  Errors are below 4e-7 of the value (of 1, for sin and cos), where
float32 resolves 1.2e-7; ``tests/compiled/test_fast.py`` measures them.

Source: Moshier, Cephes mathematical library, for the range reductions and
the coefficients of exp, log, sin and cos; log1p(t) / t is a polynomial.
"""
from __future__ import division, print_function

import numpy as np
import theano
from theano import scalar
from theano.tensor.nnet.sigm import ScalarSigmoid, ScalarSoftplus

from untapped.compiled.library import SPEED

__all__ = ['FUNCTIONS', 'PREAMBLE', 'flags']

#: what g++ may do: host instructions, fused multiply-add, reciprocals.  Not
#: reordering of sums, which would undo the range reductions.
_FLAGS = SPEED + [
    '-march=native', '-ffp-contract=fast', '-fno-math-errno',
    '-fno-trapping-math', '-fno-signed-zeros', '-freciprocal-math',
    '-mprefer-vector-width=512']

#: it uses what `source` puts before it
PREAMBLE = r'''
/* the nearest integer */
INLINE npy_int32 nearest(float x)
{
    return (npy_int32)(x + float_of((bits_of(x) & (npy_int32)0x80000000) |
                                    0x3f000000));
}

/* exp(r) - 1 for r = x - n log(2), n the nearest to x / log(2) */
INLINE float expm1_of_rest(float x, npy_int32 n)
{
    const float r = x - n * .693359375f + n * 2.12194440e-4f;
    float p = 1.9875691500e-4f;
    p = p * r + 1.3981999507e-3f;
    p = p * r + 8.3334519073e-3f;
    p = p * r + 4.1665795894e-2f;
    p = p * r + 1.6666665459e-1f;
    p = p * r + 5.0000001201e-1f;
    return p * r * r + r;
}

INLINE float exp_of_rest(float x, npy_int32 n)
{
    return expm1_of_rest(x, n) + 1.f;
}

/* NaN stays NaN; a scale in two factors reaches 0 and infinity */
INLINE float fast_exp(float x)
{
    float y = either(x < -104.f, -104.f, x);
    y = either(y > 89.f, 89.f, y);
    const npy_int32 n = nearest(y * 1.44269504f);
    const npy_int32 h = n >> 1;
    return exp_of_rest(y, n) * float_of((h + 127) << 23) *
        float_of((n - h + 127) << 23);
}

/* near 0, too, where exp(x) - 1 would lose all digits */
INLINE float fast_expm1(float x)
{
    float y = either(x < -30.f, -30.f, x);
    y = either(y > 60.f, 60.f, y);
    const npy_int32 n = nearest(y * 1.44269504f);
    const float scale = float_of((n + 127) << 23);
    const float near = expm1_of_rest(y, n) * scale + (scale - 1.f);
    return either(x > 60.f, fast_exp(x), near);
}

/* exp(-|x|); 0 where it is below the least normal number */
INLINE float exp_down(float x)
{
    float y = -fabsf(x);
    y = either(y < -88.f, -88.f, y);
    const npy_int32 n = (npy_int32)(y * 1.44269504f - .5f);
    return exp_of_rest(y, n) * float_of((n + 127) << 23);
}

INLINE float fast_log(float x)
{
    const float scale = either(x < 1.17549435e-38f, 8388608.f, 1.f);
    const npy_int32 bits = bits_of(x * scale);
    /* the mantissa in [sqrt(1/2), sqrt(2)) */
    npy_int32 e = (bits - 0x3f3504f3) >> 23;
    const float m = float_of(bits - (e << 23)) - 1.f;
    const float n = (float)e - either(x < 1.17549435e-38f, 23.f, 0.f);
    const float z = m * m;
    float p = 7.0376836292e-2f;
    p = p * m - 1.1514610310e-1f;
    p = p * m + 1.1676998740e-1f;
    p = p * m - 1.2420140846e-1f;
    p = p * m + 1.4249322787e-1f;
    p = p * m - 1.6668057665e-1f;
    p = p * m + 2.0000714765e-1f;
    p = p * m - 2.4999993993e-1f;
    p = p * m + 3.3333331174e-1f;
    p = m * z * p - n * 2.12194440e-4f - .5f * z;
    p = m + p + n * .693359375f;
    p = either(x == 0.f, -__builtin_inff(), p);
    p = either(x == __builtin_inff(), x, p);
    return either(x >= 0.f, p, __builtin_nanf(""));
}

/* for t in [0, 1] */
INLINE float fast_log1p(float t)
{
    float p = 0.f;
LOG1P
    return p * t;
}

/* 1 / x for x in [1, 2]: dividing takes longer than two steps of Newton's
   from where Chebyshev's third polynomial is 1/99 of the whole */
INLINE float inverse(float x)
{
    float y = (32.f / 99 * x - 144.f / 99) * x + 210.f / 99;
    y = y + y * (1.f - x * y);
    return y + y * (1.f - x * y);
}

INLINE float fast_softplus(float x)
{
    return either(x > 0.f, x, 0.f * x) + fast_log1p(exp_down(x));
}

/* with the exponential that softplus takes, too */
INLINE float fast_sigmoid(float x)
{
    const float e = exp_down(x), r = inverse(1.f + e);
    return either(x < 0.f, e * r, r);
}

INLINE float fast_tanh(float x)
{
    const float a = fabsf(x), z = x * x;
    const float big = 1.f - 2.f / (fast_exp(2.f * a) + 1.f);
    float p = -5.70498872745e-3f;
    p = p * z + 2.06390887954e-2f;
    p = p * z - 5.37397155531e-2f;
    p = p * z + 1.33314422036e-1f;
    p = p * z - 3.33332819422e-1f;
    return either(a < .625f, x + x * z * p, either(x < 0.f, -big, big));
}

/* sin(x) for shift 0, cos(x) for shift 1; |x| below 8192 */
INLINE float fast_sine(float x, npy_int32 shift)
{
    const npy_int32 q = nearest(x * .636619772f);
    const float r = x - q * 1.5703125f - q * 4.837512969970703e-4f -
        q * 7.549789948768648e-8f;
    const float z = r * r;
    float s = -1.9515295891e-4f;
    s = s * z + 8.3321608736e-3f;
    s = s * z - 1.6666654611e-1f;
    s = s * z * r + r;
    float c = 2.443315711809948e-5f;
    c = c * z - 1.388731625493765e-3f;
    c = c * z + 4.166664568298827e-2f;
    c = c * z * z - .5f * z + 1.f;
    const npy_int32 k = q + shift;
    const float v = either((k & 1) != 0, c, s);
    return either((k & 2) != 0, -v, v);
}
'''


def _log1p():
    """Horner's scheme of log1p(t) / t, interpolated at Chebyshev's nodes."""
    count = 10
    angles = (2 * np.arange(count) + 1) * np.pi / (2 * count)
    t = (1 + np.cos(angles)) / 2
    return ''.join('    p = p * t + %.9gf;\n' % c
                   for c in np.polyfit(t, np.log1p(t) / t, count - 1))


PREAMBLE = PREAMBLE.replace('LOG1P\n', _log1p())

#: scalar operation of Theano to its function here
FUNCTIONS = {
    scalar.Exp: 'fast_exp(%(a)s)', scalar.Log: 'fast_log(%(a)s)',
    scalar.Expm1: 'fast_expm1(%(a)s)',
    scalar.Tanh: 'fast_tanh(%(a)s)', scalar.Sin: 'fast_sine(%(a)s, 0)',
    scalar.Cos: 'fast_sine(%(a)s, 1)', ScalarSigmoid: 'fast_sigmoid(%(a)s)',
    ScalarSoftplus: 'fast_softplus(%(a)s)', scalar.Abs: 'fabsf(%(a)s)',
    # NaN stays NaN on either side
    scalar.Maximum: 'either(%(b)s > %(a)s, %(b)s, '
                    'either(%(b)s == %(b)s, %(a)s, %(b)s))',
    scalar.Clip: 'either(%(a)s < %(b)s, %(b)s, '
                 'either(%(a)s > %(c)s, %(c)s, %(a)s))',
}


def flags():
    """Of g++: Theano's, but for what they pin, and those for speed."""
    pinned = ('-O', '-march', '-mtune', '-ffp-contract')
    return [f for f in theano.config.gcc.cxxflags.split()
            if not f.startswith(pinned)] + _FLAGS
