// Chooses the instruction set, and holds what is the same on all of them.
#include "table.h"

#include <stdatomic.h>
#include <string.h>

static _Atomic(const ck_table *) active;

static const ck_table *_Nullable table_of(ck_isa isa) {
    switch (isa) {
    case CK_ISA_BASE:
        return &ck_table_base;
#if defined(__x86_64__)
    case CK_ISA_AVX2:
        return &ck_table_avx2;
    case CK_ISA_AVX512:
        return &ck_table_avx512;
#endif
    default:
        return NULL;
    }
}

bool ck_isa_supported(ck_isa isa) {
    if (isa == CK_ISA_BASE) return true;
#if defined(__x86_64__)
    __builtin_cpu_init();
    bool has_avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    if (isa == CK_ISA_AVX2) return has_avx2;
    if (isa == CK_ISA_AVX512) {
        return has_avx2 && __builtin_cpu_supports("avx512f") &&
               __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq") &&
               __builtin_cpu_supports("avx512bw");
    }
#endif
    return false;
}

static const ck_table *chosen(void) {
    const ck_table *table = atomic_load_explicit(&active, memory_order_relaxed);
    if (__builtin_expect(table != NULL, true)) return table;
    // Two threads may both arrive here; they choose the same.
    ck_isa best = CK_ISA_AVX512;
    while (!ck_isa_supported(best)) best--;
    table = table_of(best);
    atomic_store_explicit(&active, table, memory_order_relaxed);
    return table;
}

ck_isa ck_isa_current(void) { return chosen()->isa; }

bool ck_isa_force(ck_isa isa) {
    if (!ck_isa_supported(isa)) return false;
    atomic_store_explicit(&active, table_of(isa), memory_order_relaxed);
    return true;
}

void ck_elman_states(const ck_elman *model, const uint32_t *tokens, size_t count, float *states) {
    chosen()->elman_states(model, tokens, count, states);
}

const float *ck_elman_last_state(const ck_elman *model, const uint32_t *tokens, size_t count,
                                 float *workspace) {
    return chosen()->elman_last_state(model, tokens, count, false, workspace);
}

const float *ck_elman_next_state(const ck_elman *model, const uint32_t *tokens, size_t count,
                                 float *workspace) {
    return chosen()->elman_last_state(model, tokens, count, true, workspace);
}

void ck_elman_logits(const ck_elman *model, const float *state, float *logits) {
    chosen()->elman_logits(model, state, logits);
}

void ck_elman_logits_backward(const ck_elman *model, const float *d_logits, float *d_state) {
    chosen()->elman_logits_backward(model, d_logits, d_state);
}

void ck_elman_deltas(const ck_elman *model, const float *states, size_t count, float *d_state,
                     float *deltas) {
    chosen()->elman_deltas(model, states, count, d_state, deltas);
}

void ck_elman_add_gradients(const ck_elman *gradients, const uint32_t *tokens, size_t count,
                            const float *states, const float *deltas, const float *d_logits) {
    chosen()->elman_add_gradients(gradients, tokens, count, states, deltas, d_logits);
}

void ck_elman_clipped_step(const ck_elman *model, const uint32_t *tokens, size_t count,
                           const float *states, const float *deltas, const float *d_logits,
                           float rate, float clip, float *workspace) {
    chosen()->elman_clipped_step(model, tokens, count, states, deltas, d_logits, rate, clip,
                                 workspace);
}

void ck_clipped_step(float *weights, const float *gradients, size_t count, float rate, float clip) {
    chosen()->clipped_step(weights, gradients, count, rate, clip);
}

/// ln x for finite x ≥ 1: exponent from the bits, 2·artanh((m-1)/(m+1)) for the rest.
static double natural_logarithm(double x) {
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    int exponent = (int)(bits >> 52) - 1023;
    bits = (bits & 0x000FFFFFFFFFFFFF) | 0x3FF0000000000000;
    double mantissa;
    memcpy(&mantissa, &bits, sizeof mantissa);
    if (mantissa > 1.4142135623730951) {
        mantissa *= 0.5;
        exponent += 1;
    }
    // |s| ≤ 0.172, so that the terms after s^21 are below the last digit.
    double s = (mantissa - 1) / (mantissa + 1), square = s * s, series = 0;
    for (int k = 21; k >= 1; k -= 2) series = series * square + 1.0 / k;
    return exponent * 0.6931471805599453 + 2 * s * series;
}

static float largest(const float *values, size_t count) {
    float maximum = values[0];
    for (size_t i = 1; i < count; i++) maximum = values[i] > maximum ? values[i] : maximum;
    return maximum;
}

/// Turns logits into probabilities; returns the sum that they were divided by (at least 1).
static float normalize(const float *logits, size_t count, float maximum, float *probabilities) {
    float total = chosen()->exponentials(logits, count, maximum, probabilities);
    float scale = 1.0f / total;
    for (size_t i = 0; i < count; i++) probabilities[i] *= scale;
    return total;
}

void ck_softmax(const float *logits, size_t count, float *probabilities) {
    normalize(logits, count, largest(logits, count), probabilities);
}

double ck_cross_entropy(const float *logits, size_t count, size_t label, float *d_logits) {
    float maximum = largest(logits, count), chosen_logit = logits[label];
    float total = normalize(logits, count, maximum, d_logits);
    d_logits[label] -= 1.0f;
    if (!(total >= 1.0f)) return (double)total; // NaN in, NaN out.
    return natural_logarithm((double)total) + ((double)maximum - (double)chosen_logit);
}
