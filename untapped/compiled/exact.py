"""The C library's exp, log, sin, ... with its bits, many at a time.

A call of ``expf``, ``logf`` or ``log1pf`` is for one number; written out
without branches, the same operations in the same order become vector
instructions.  The C library has two ``expf``, with and without fused
multiply-add, and takes what the processor has: of all floats two differ,
which are asked for when a function is loaded.  Of its two ``sinf`` and
``cosf`` none differs between -7 and 7.
``tests/compiled/test_exact.py`` compares many arguments with the C
library's, ``make floats`` every float there is.

Source: the algorithms and the constants of ``expf`` and ``logf`` of glibc
since 2.28 (Arm optimized routines: a table and a cubic, in double precision),
of its ``sinf`` and ``cosf`` (the same: two polynomials, in double precision)
and of ``log1pf``, ``expm1f`` and ``tanhf`` of glibc before 2.39 (FreeBSD's
msun: a reduction, and a polynomial or a quotient of them, in float).
"""
from __future__ import division, print_function

from decimal import Decimal, localcontext

import numpy as np
from theano import scalar
from theano.tensor.nnet.sigm import ScalarSigmoid, ScalarSoftplus

__all__ = ['FUNCTIONS', 'FLAGS', 'NEAR', 'preamble']

#: for g++.  No traps and no errno: nothing is computed otherwise, but a
#: choice may compute both sides; and tables are read as vectors
FLAGS = ['-fno-trapping-math', '-fno-math-errno', '-mtune=haswell']

_TABLE = 32

#: of sixteen parts of [0.7, 1.4): 1/c and log(c) for a c near the middle for
#: which both are nearly doubles
_LOGARITHMS = (
    ('0x1.661ec79f8f3bep+0', '-0x1.57bf7808caadep-2'),
    ('0x1.571ed4aaf883dp+0', '-0x1.2bef0a7c06ddbp-2'),
    ('0x1.49539f0f010bp+0', '-0x1.01eae7f513a67p-2'),
    ('0x1.3c995b0b80385p+0', '-0x1.b31d8a68224e9p-3'),
    ('0x1.30d190c8864a5p+0', '-0x1.6574f0ac07758p-3'),
    ('0x1.25e227b0b8eap+0', '-0x1.1aa2bc79c81p-3'),
    ('0x1.1bb4a4a1a343fp+0', '-0x1.a4e76ce8c0e5ep-4'),
    ('0x1.12358f08ae5bap+0', '-0x1.1973c5a611cccp-4'),
    ('0x1.0953f419900a7p+0', '-0x1.252f438e10c1ep-5'),
    ('1', '0'),
    ('0x1.e608cfd9a47acp-1', '0x1.aa5aa5df25984p-5'),
    ('0x1.ca4b31f026aap-1', '0x1.c5e53aa362eb4p-4'),
    ('0x1.b2036576afce6p-1', '0x1.526e57720db08p-3'),
    ('0x1.9c2d163a1aa2dp-1', '0x1.bc2860d22477p-3'),
    ('0x1.886e6037841edp-1', '0x1.1058bc8a07ee1p-2'),
    ('0x1.767dcf5534862p-1', '0x1.4043057b6ee09p-2'))

_PREAMBLE = r'''
/* the bits of 2^(k/%(n)d), from which those that k << %(shift)d adds are
   taken */
static const npy_uint64 power_bits[%(n)d] = {%(table)s};

static const double reciprocals[] = {%(reciprocals)s};
static const double logarithms[] = {%(logarithms)s};

/* where the C library's two functions differ, and what the one gives that
   this processor is given */
static const float odd[2] = {0x1.04845ep+5f, -0x1.f8cbb2p+5f};
static float odd_exp[2];

__attribute__((constructor)) static void ask_for_odd(void)
{
    for (int i = 0; i < 2; i++) {
        volatile float x = odd[i];
        odd_exp[i] = expf(x);
    }
}

/* |x| below 200 */
INLINE float exp_of_moderate(float x)
{
    const double up = 0x1.8p+52;
    const double z = 0x1.71547652b82fep+0 * %(n)d * x;
    double k = z + up;
    npy_uint64 bits;
    memcpy(&bits, &k, 8);
    k -= up;
    const double r = z - k;
    bits = power_bits[bits & %(last)d] + (bits << %(shift)d);
    double power;
    memcpy(&power, &bits, 8);
    const double high = 0x1.c6af84b912394p-5 / %(n)d / %(n)d / %(n)d * r +
        0x1.ebfce50fac4f3p-3 / %(n)d / %(n)d;
    const double low = 0x1.62e42ff0c52d6p-1 / %(n)d * r + 1;
    const float y = (float)((high * (r * r) + low) * power);
    return either(x == odd[0], odd_exp[0], either(x == odd[1], odd_exp[1],
                                                  y));
}

INLINE float exact_exp(float x)
{
    const float y = exp_of_moderate(
        either(x > 150.f, 150.f, either(x < -150.f, -150.f, x)));
    return either(x == x, y, x);
}

INLINE float exact_log(float x)
{
    const bool tiny = x < 0x1p-126f;
    const npy_int32 bits = bits_of(either(tiny, x * 0x1p+23f, x)) -
        (tiny ? 23 << 23 : 0);
    const npy_int32 t = bits - 0x3f330000;          /* 0.7 */
    const npy_int32 part = (t >> 19) & 15, k = t >> 23;
    const double m = float_of(bits - (t & (npy_int32)0xff800000));
    const double r = m * reciprocals[part] - 1;
    const double first = logarithms[part] +
        (double)k * 0x1.62e42fefa39efp-1 + r;
    const double rest = -0x1.00ea348b88334p-2 * (r * r) +
        (0x1.5575b0be00b6ap-2 * r + -0x1.ffffef20a4123p-2);
    const float y = (float)(rest * (r * r) + first);
    return either(x == 0, -__builtin_inff(),
                  either(x == __builtin_inff(), x,
                         either(x >= 0, y, (x - x) / (x - x))));
}

/* t >= 0 */
INLINE float log1p_of_positive(float t)
{
    const bool small = bits_of(t) < 0x3ed413d7;     /* sqrt(2) - 1 */
    const float w = 1.f + t;
    npy_int32 m = bits_of(w);
    npy_int32 k = (m >> 23) - 127;
    const float lost = k > 0 ? 1.f - (w - t) : t - (w - 1.f);
    const float c = small ? 0.f : lost / w;
    m &= 0x7fffff;
    const bool low = m < 0x3504f7;                  /* sqrt(2) */
    k = small ? 0 : k + !low;
    const float f = either(small, t,
                           float_of(m | (low ? 0x3f800000 : 0x3f000000)) -
                           1.f);
    const float h = .5f * f * f;
    const float s = f / (2.f + f), z = s * s;
    const float p = z * (6.6666668653e-1f + z * (4.0000000596e-1f +
        z * (2.8571429849e-1f + z * (2.2222198546e-1f +
        z * (1.8183572590e-1f + z * (1.5313838422e-1f +
        z * 1.4798198640e-1f))))));
    const float n = (float)k;
    return either(k == 0, f - (h - s * (h + p)),
                  n * 6.9313812256e-1f -
                  ((h - (s * (h + p) + (n * 9.0580006145e-6f + c))) - f));
}

/* exp(z) - 1 for -2 < z <= 0 and 2 <= z < 44 */
INLINE float expm1_for_tanh(float z)
{
    const float a = fabsf(z), half = z < 0 ? -.5f : .5f;
    const bool near = bits_of(a) <= 0x3eb17218;         /* log(2) / 2 */
    const bool next = bits_of(a) < 0x3f851592;          /* 3 log(2) / 2 */
    npy_int32 k = (npy_int32)(1.4426950216f * z + half);
    k = near ? 0 : next ? -1 : k;
    const float n = (float)k;
    const float high = z - n * 6.9313812256e-1f, low = n * 9.0580006145e-6f;
    const float r = high - low, c = (high - r) - low;
    const float h = .5f * r, s = r * h;
    const float q = 1.f + s * (-3.3333335072e-2f + s * (1.5873016091e-3f +
        s * (-7.9365076090e-5f + s * (4.0082177293e-6f +
        s * -2.0109921195e-7f))));
    const float t = 3.f - q * h;
    const float e = s * ((q - t) / (6.f - r * t));
    const float d = (r * (e - c) - c) - s;
    /* 2^-k, and its difference from 1 */
    const npy_int32 m = k < 2 ? 2 : k < 63 ? k : 63;
    const float power = float_of((127 - m) << 23);
    const float one = 1.f - (d - r), some = (1.f - power) - (d - r);
    const float more = (r - (d + power)) + 1.f;
    const bool whole = k < 2 || k > 56;
    const float y = either(whole, one, either(k < 23, some, more));
    const float scaled = float_of(bits_of(y) + (k << 23));
    return either(bits_of(a) < 0x33000000, z,
                  either(k == 0, r - (r * e - s),
                         either(k == -1, .5f * (r - d) - .5f,
                                either(whole, scaled - 1.f, scaled))));
}

INLINE float exact_tanh(float x)
{
    const float a = fabsf(x), inside = either(a < 22.f, a, 1.f);
    const bool big = inside >= 1.f;
    const float t = expm1_for_tanh(either(big, 2.f, -2.f) * inside);
    const float y = either(big, 1.f - 2.f / (t + 2.f), -t / (t + 2.f));
    const float z = either(a < 22.f, y, 1.f);
    return either(x == x, float_of(bits_of(z) | (
        bits_of(x) & (npy_int32)0x80000000)), x);
}

/* sin(x) for turn 0, cos(x) for turn 1: from the nearest multiple of pi / 2 */
INLINE float near_sine(float x, npy_int32 turn, npy_int32 *far)
{
    const bool near = fabsf(x) <= 7.f;
    *far |= !near;
    const double y = either(near, x, 0.f);
    const npy_int32 n = ((npy_int32)(0x1.45f306dc9c883p+23 * y) + 0x800000)
        >> 24;
    const double r = y - n * 0x1.921fb54442d18p+0, z = r * r;
    const double r3 = r * z, z2 = z * z;
    const double sine = r + r3 * -0x1.555545995a603p-3 +
        r3 * z * (0x1.1107605230bc4p-7 + z * -0x1.994eb3774cf24p-13);
    const double cosine = 1 + z * -0x1.ffffffd0c621cp-2 +
        z2 * 0x1.55553e1068f19p-5 +
        z2 * z * (-0x1.6c087e89a359dp-10 + z * 0x1.99343027bf8c3p-16);
    const float s = (float)sine, c = (float)cosine;
    const npy_int32 q = n + turn;
    const float v = either((q & 1) != 0, c, s);
    const float w = either((q & 2) != 0, -v, v);
    return either(turn == 0 && fabsf(x) < 0x1p-12f, x, w);
}

/* the limits are Theano's */
INLINE float exact_sigmoid(float x)
{
    const float inside = either(x < -88.f || x > 15.f, 0.f, x);
    const float y = 1.f / (1.f + exp_of_moderate(-inside));
    return either(x < -88.f, 0.f, either(x > 15.f, 1.f,
                                         either(x == x, y, -x)));
}

INLINE float exact_softplus(float x)
{
    const float inside = either(x < -103.f || x > 14.f, 0.f, x);
    const float y = log1p_of_positive(exp_of_moderate(inside));
    return either(x < -103.f, 0.f, either(x > 14.f, x,
                                          either(x == x, y, x)));
}
'''

#: the same for |x| up to 7, a little beyond 2 pi; farther, and for NaN,
#: they set ``far``, and all numbers are the C library's
NEAR = {
    scalar.Sin: 'near_sine(%(a)s, 0, &far)',
    scalar.Cos: 'near_sine(%(a)s, 1, &far)',
}

#: scalar operation of Theano to its function here
FUNCTIONS = {
    scalar.Exp: 'exact_exp(%(a)s)', scalar.Log: 'exact_log(%(a)s)',
    scalar.Tanh: 'exact_tanh(%(a)s)',
    ScalarSigmoid: 'exact_sigmoid(%(a)s)',
    ScalarSoftplus: 'exact_softplus(%(a)s)',
}


def _powers():
    """The doubles nearest to 2^(k/32), as integers of their bits."""
    with localcontext() as context:
        context.prec = 40
        step = Decimal(2) ** (Decimal(1) / _TABLE)
        powers = [float(step ** k) for k in range(_TABLE)]
    return np.array(powers).view('uint64')


def preamble():
    """C++ of the functions, which use what `source` puts before them."""
    shift = 52 - 5
    table = ', '.join('0x%xULL' % (int(bits) - (k << shift))
                      for k, bits in enumerate(_powers()))
    reciprocals, logarithms = [', '.join(row) for row in zip(*_LOGARITHMS)]
    return _PREAMBLE % dict(n=_TABLE, last=_TABLE - 1, shift=shift,
                            table=table, reciprocals=reciprocals,
                            logarithms=logarithms)
