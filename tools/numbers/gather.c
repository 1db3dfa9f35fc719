/* A gather whose indices are in xmm4: 3 9 9 12 on a processor, 0 0 0 0 under
 * QEMU 7.2.22.  With xmm5 in the place of xmm4 both are right.
 *
 *     gcc -O1 -static tools/numbers/gather.c -o gather
 *     ./gather; qemu-x86_64-static -cpu Haswell ./gather
 */
#include <stdio.h>

__attribute__((target("avx2"))) int main(void)
{
    double table[16], out[4];
    int index[4] = {3, 9, 9, 12};
    for (int i = 0; i < 16; i++)
        table[i] = i;
    __asm__ volatile(
        "vmovdqu (%0), %%xmm4\n"
        "vpcmpeqd %%ymm11, %%ymm11, %%ymm11\n"
        "vgatherdpd %%ymm11, (%1,%%xmm4,8), %%ymm9\n"
        "vmovupd %%ymm9, (%2)"
        :: "r"(index), "r"(table), "r"(out)
        : "memory", "xmm4", "xmm9", "xmm11");
    printf("%g %g %g %g\n", out[0], out[1], out[2], out[3]);
    return 0;
}
