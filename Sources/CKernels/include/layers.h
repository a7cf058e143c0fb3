// Kernels of the networks beyond the article's: products, cells, updates. Each is there for
// float32, in vector code chosen for the processor at the first call, and for float64, the same
// source compiled plainly, the reference for gradient checks. `scalar` says what the pointers lead
// to; numbers are handed over as double, which loses nothing.
#ifndef ELMAN_LAYERS_H
#define ELMAN_LAYERS_H

#include <stddef.h>
#include <stdint.h>

/// The scalar types that the kernels compute in.
typedef enum { CK_FLOAT32, CK_FLOAT64 } ck_scalar;

#define UNWRAPPED(...) __VA_ARGS__
#define REAL void
#define VALUE double
#define KERNEL(result, name, parameters, arguments) \
    result ck_##name(ck_scalar scalar, UNWRAPPED parameters);
#include "layers_functions.inc"
#undef KERNEL
#undef VALUE
#undef REAL
#undef UNWRAPPED

#endif
