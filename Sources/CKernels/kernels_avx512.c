#include "table.h"

#if defined(__x86_64__)

#define TILE 4
#define ROWS 4
#define TABLE ck_table_avx512
#define ISA CK_ISA_AVX512

#pragma clang attribute push(                                                                      \
    __attribute__((target("avx512f,avx512vl,avx512dq,avx512bw,fma"))), apply_to = function)
#include "kernels.inc"
#pragma clang attribute pop

#endif
