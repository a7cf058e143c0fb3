// The kernels of one instruction set. Private to this room.
#ifndef ELMAN_CKERNELS_TABLE_H
#define ELMAN_CKERNELS_TABLE_H

#include "CKernels.h"

typedef struct ck_table {
    ck_isa isa;
    void (*elman_states)(const ck_elman *, const uint32_t *, size_t, float *);
    const float *(*elman_last_state)(const ck_elman *, const uint32_t *, size_t, bool, float *);
    void (*elman_logits)(const ck_elman *, const float *, float *);
    void (*elman_logits_backward)(const ck_elman *, const float *, float *);
    void (*elman_deltas)(const ck_elman *, const float *, size_t, float *, float *);
    void (*elman_add_gradients)(const ck_elman *, const uint32_t *, size_t, const float *,
                                const float *, const float *);
    void (*elman_clipped_step)(const ck_elman *, const uint32_t *, size_t, const float *,
                               const float *, const float *, float, float, float *);
    void (*clipped_step)(float *, const float *, size_t, float, float);
    /// Writes e^(logit - maximum) and returns their sum.
    float (*exponentials)(const float *, size_t, float, float *);
} ck_table;

extern const ck_table ck_table_base;
#if defined(__x86_64__)
extern const ck_table ck_table_avx2;
extern const ck_table ck_table_avx512;
#endif

#endif
