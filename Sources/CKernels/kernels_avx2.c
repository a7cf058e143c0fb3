#include "table.h"

#if defined(__x86_64__)

#define TILE 2 // 2 × 2 accumulators of two registers each: 8 of 16.
#define ROWS 2
#define TABLE ck_table_avx2
#define ISA CK_ISA_AVX2

#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#include "kernels.inc"
#pragma clang attribute pop

#endif
