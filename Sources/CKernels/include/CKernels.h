/// The inner loops of Elman's networks: forward, backward through time, softmax, update.
///
/// One C source is compiled three times (AVX-512, AVX2 with FMA, and the base instruction set of
/// the target, which is SSE2 on x86-64 and NEON on aarch64); the best one that the processor has
/// is chosen at the first call.
///
/// Conventions
/// - Matrices are row-major and vectors are rows: `h_t = tanh(x_t·W1 + h_{t-1}·W2 + b2)`.
/// - The hidden axis is padded with zeros to `ck_stride(hidden_size)` floats. The CALLER allocates
///   and zeroes the padding; every kernel keeps it zero, so any hidden size from 1 up works.
/// - The output matrix W3 is held transposed (classes × stride), so that every loop here runs
///   along the hidden axis.
/// - No kernel allocates. Pointers are borrowed for the call and need no alignment (64 bytes is
///   fastest). Buffers must not overlap.
/// - Sums have a fixed order: equal input gives equal bits on the same instruction set, and
///   AVX-512 and AVX2 agree with each other. The base set has no fused multiply-add on x86-64
///   and so may differ in the last digits.
#ifndef ELMAN_CKERNELS_H
#define ELMAN_CKERNELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "layers.h"

#pragma clang assume_nonnull begin

/// Floats in one vector; the hidden axis is padded to a multiple of it.
#define CK_LANES 16

/// The instruction sets that the kernels are compiled for, slowest first.
typedef enum ck_isa { CK_ISA_BASE = 0, CK_ISA_AVX2 = 1, CK_ISA_AVX512 = 2 } ck_isa;

/// Whether this processor (and this build) can run the kernels of `isa`.
bool ck_isa_supported(ck_isa isa);

/// The instruction set that calls use now.
ck_isa ck_isa_current(void);

/// Makes all further calls of this process use `isa`; for tests and benchmarks.
/// Returns false, and changes nothing, if the processor lacks it.
bool ck_isa_force(ck_isa isa);

/// `size` rounded up to a multiple of CK_LANES.
static inline size_t ck_stride(size_t size) {
    return (size + CK_LANES - 1) / CK_LANES * CK_LANES;
}

/// The parameters of the Elman classifier, or gradients of the same shapes.
///
/// The struct only points: whoever made the memory frees it.
typedef struct ck_elman {
    size_t vocabulary_size;
    size_t hidden_size;
    size_t class_count;
    size_t stride; ///< ck_stride(hidden_size)
    float *w1;     ///< (vocabulary × stride): one row per word
    float *w2;     ///< (stride × stride): rows and columns from hidden_size on are zero
    float *b2;     ///< (stride)
    float *w3;     ///< (classes × stride): the transpose of W3
    float *b3;     ///< (classes)
} ck_elman;

/// Runs the recurrent layer over a text.
///
/// `h_t = tanh(W1[tokens[t]] + h_{t-1}·W2 + b2)`, `h_{-1} = 0`. `states` (count × stride) receives
/// every h_t. Each token must be below vocabulary_size.
/// Cost: count · hidden² multiply-adds.
void ck_elman_states(const ck_elman *model, const uint32_t *tokens, size_t count, float *states);

/// As ck_elman_states, but keeps only the last state.
///
/// `workspace` (2 × stride) is overwritten; the result is the half of it that is returned.
/// `count` must be at least 1.
const float *ck_elman_last_state(const ck_elman *model, const uint32_t *tokens, size_t count,
                                 float *workspace);

/// As ck_elman_last_state, but h_{-1} is in the first half of `workspace`.
const float *ck_elman_next_state(const ck_elman *model, const uint32_t *tokens, size_t count,
                                 float *workspace);

/// `logits = state·W3 + b3`. `state` (stride), `logits` (classes) overwritten.
void ck_elman_logits(const ck_elman *model, const float *state, float *logits);

/// The error of the last state: `d_state = d_logits·W3ᵀ`. `d_state` (stride) overwritten.
void ck_elman_logits_backward(const ck_elman *model, const float *d_logits, float *d_state);

/// Carries the error of the last state back through time.
///
/// `deltas[t] = dh_t ∘ (1 - h_t²)` and `dh_{t-1} = deltas[t]·W2ᵀ` (the transpose matters: a finite
/// difference check tells). `d_state` (stride) is the error of h_{count-1} and is overwritten as
/// workspace; `deltas` (count × stride) is overwritten. Deltas are the errors before tanh; from
/// them follow the gradients of W1, W2 and b2.
void ck_elman_deltas(const ck_elman *model, const float *states, size_t count, float *d_state,
                     float *deltas);

/// ADDS the gradients of one text to `gradients` (same shapes as the model, zeroed by the caller).
///
/// dW1[tokens[t]] += deltas[t], dW2 += h_{t-1}ᵀ·deltas[t], db2 += deltas[t],
/// dW3 += h_lastᵀ·d_logits, db3 += d_logits, summed in the order of t.
void ck_elman_add_gradients(const ck_elman *gradients, const uint32_t *tokens, size_t count,
                            const float *states, const float *deltas, const float *d_logits);

/// One step of plain SGD on one text: the gradients of ck_elman_add_gradients, summed over the
/// text, clipped element by element to [-clip, clip], times -rate, added to the model.
///
/// The gradients are never stored, and of W1 only the rows of the text's words are touched. Equal,
/// bit for bit, to ck_elman_add_gradients on zeroes followed by ck_clipped_step on each tensor.
/// `workspace` (stride) is overwritten.
void ck_elman_clipped_step(const ck_elman *model, const uint32_t *tokens, size_t count,
                           const float *states, const float *deltas, const float *d_logits,
                           float rate, float clip, float *workspace);

/// `weights[i] -= rate · max(-clip, min(clip, gradients[i]))`.
void ck_clipped_step(float *weights, const float *gradients, size_t count, float rate, float clip);

/// `probabilities = softmax(logits)`, each of `count` floats, count at least 1; in place allowed.
///
/// Subtracts the maximum first, so that no finite logits overflow or give NaN. exp is computed
/// here, so results do not depend on the C library. Terms below e^-87 become 0.
void ck_softmax(const float *logits, size_t count, float *probabilities);

/// Softmax with cross-entropy: returns `-ln softmax(logits)[label]` (nats) and writes its gradient
/// with respect to the logits, `softmax(logits) - onehot(label)`, to `d_logits` (count).
///
/// The loss is finite for finite logits, and NaN or infinite if one of them is not finite.
double ck_cross_entropy(const float *logits, size_t count, size_t label, float *d_logits);

#pragma clang assume_nonnull end

#endif
