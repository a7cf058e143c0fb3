#pragma clang diagnostic ignored "-Wpsabi"  // Vectors never cross a call that is not inlined.

#include "CKernels.h"
#include "layers.h"

#include <math.h>
#include <string.h>

#define REAL float
#define VALUE float
typedef struct {
#define KERNEL(result, name, parameters, arguments) result(*name) parameters;
#include "layers_functions.inc"
#undef KERNEL
} float_table;
#undef REAL
#undef VALUE
#define REAL double
#define VALUE double
typedef struct {
#define KERNEL(result, name, parameters, arguments) result(*name) parameters;
#include "layers_functions.inc"
#undef KERNEL
} double_table;
#undef REAL
#undef VALUE

#define REAL float
#define SQRT __builtin_elementwise_sqrt
#define LANES 4
#define REGISTERS 16
#define NAME(x) base_##x
#define TABLE float_table
#include "functions_f32.inc"
#include "layers_body.inc"

#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#define REAL float
#define SQRT __builtin_elementwise_sqrt
#define LANES 8
#define REGISTERS 16
#define NAME(x) avx2_##x
#define TABLE float_table
#include "functions_f32.inc"
#include "layers_body.inc"
#pragma clang attribute pop

#pragma clang attribute push( \
    __attribute__((target("avx512f,avx512vl,avx512dq,avx512bw,fma"))), apply_to = function)
#define REAL float
#define SQRT __builtin_elementwise_sqrt
#define LANES 16
#define REGISTERS 32
#define NAME(x) avx512_##x
#define TABLE float_table
#include "functions_f32.inc"
#include "layers_body.inc"
#pragma clang attribute pop
#endif

#define REAL double
#define SQRT __builtin_elementwise_sqrt
#define LANES 2
#define REGISTERS 16
#define NAME(x) reference_##x
#define TABLE double_table
#include "functions_f64.inc"
#include "layers_body.inc"

static inline const float_table *chosen(void) {
    switch (ck_isa_current()) {
#if defined(__x86_64__)
    case CK_ISA_AVX512:
        return &avx512_table;
    case CK_ISA_AVX2:
        return &avx2_table;
#endif
    default:
        return &base_table;
    }
}

#define UNWRAPPED(...) __VA_ARGS__
#define REAL void
#define VALUE double
#define KERNEL(result, name, parameters, arguments)                            \
    result ck_##name(ck_scalar scalar, UNWRAPPED parameters) {                 \
        if (scalar == CK_FLOAT64) return reference_table.name arguments;       \
        return chosen()->name arguments;                                       \
    }
#include "layers_functions.inc"
#undef KERNEL
#undef VALUE
#undef REAL
#undef UNWRAPPED
