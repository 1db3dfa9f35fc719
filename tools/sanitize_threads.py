"""The pool of threads, and products on it, under g++'s thread sanitizer.

    make threads

The C++ is that which steps run on, compiled with -fsanitize=thread beside a
program that asks for jobs, products and other numbers of threads at random.
Exit status 1 if the sanitizer reports a race or a number differs.
"""
from __future__ import division, print_function

import os
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(
    __file__))))

from untapped.compiled import exact, pool, tiles  # noqa: E402

#: jobs between two changes of the number of threads, and changes
JOBS, CHANGES = 200, 60

MAIN = pool.SIGNATURE + tiles.SIGNATURE + r'''
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

extern "C" void use(int count, int always);
extern "C" struct pool *the_pool(void);
extern "C" multiply *variant(int number);

struct job {
    const float *from;
    float *to;
    ptrdiff_t bad;
};

/* each part reads what the last job wrote, and writes what is its own */
static int one(void *what, ptrdiff_t number)
{
    const struct job *job = (const struct job *)what;
    for (int i = 0; i < 50; i++)
        job->to[50 * number + i] = job->from[50 * number + i] + 1;
    return number == job->bad ? -1 : 0;
}

static float first[50 * 400], second[50 * 400];
static float a[300 * 700], b[700 * 300], c[300 * 300], d[300 * 300];

int main(void)
{
    struct pool *pool = the_pool();
    int wrong = 0;
    srand(1);
    for (int i = 0; i < 300 * 700; i++) {
        a[i] = rand() / (float)RAND_MAX - .5f;
        b[i] = rand() / (float)RAND_MAX - .5f;
    }
    for (int change = 0; change < %(changes)d; change++) {
        use(1 + rand() %% 8, 1);
        for (int k = 0; k < %(jobs)d; k++) {
            const ptrdiff_t count = 1 + rand() %% 400;
            struct job job = {first, second, rand() %% 9 ? -1 : count / 2};
            memset(second, 0, sizeof second);
            if ((pool->run(one, &job, count) < 0) != (job.bad >= 0)) wrong++;
            for (int i = 0; i < 50 * count; i++)
                if (second[i] != first[i] + 1) wrong++;
            memcpy(first, second, sizeof first);
            if (rand() %% 50 == 0) usleep(1000);
        }
        /* even, wide and deep ones */
        static const int most[3][3] = {
            {298, 298, 698}, {28, 2998, 68}, {28, 28, 6998}};
        const int *highest = most[rand() %% 3];
        const ptrdiff_t m = 2 + rand() %% highest[0];
        const ptrdiff_t n = 2 + rand() %% highest[1];
        const ptrdiff_t k = 2 + rand() %% highest[2];
        for (int number = 0; number < 2; number++) {
            multiply *product = variant(number);
            if (!product) continue;
            product(m, n, k, a, k, 1, b, n, 1, c, pool);
            product(m, n, k, a, k, 1, b, n, 1, d, NULL);
            if (memcmp(c, d, m * n * sizeof(float))) wrong++;
        }
    }
    printf("%%d jobs, %%d that went wrong\n", %(jobs)d * %(changes)d, wrong);
    return wrong > 0;
}
''' % dict(jobs=JOBS, changes=CHANGES)


def main():
    folder = tempfile.mkdtemp()
    try:
        files = []
        for name, text in (('pool', pool.TEXT), ('main', MAIN),
                           ('products', tiles.text(True))):
            files.append(os.path.join(folder, name + '.cpp'))
            with open(files[-1], 'w') as stream:
                stream.write(text)
        program = os.path.join(folder, 'threads')
        status = subprocess.call(
            ['g++', '-O1', '-g', '-w', '-pthread', '-fsanitize=thread'] +
            exact.FLAGS + files + ['-o', program])
        if status == 0:
            status = subprocess.call([program], env=dict(
                os.environ, TSAN_OPTIONS='exitcode=1 halt_on_error=0'))
    finally:
        shutil.rmtree(folder)
    print('the thread sanitizer is %s' % (
        'silent' if status == 0 else 'not content'))
    return int(status != 0)


if __name__ == '__main__':
    sys.exit(main())
