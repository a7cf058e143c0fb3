// Kernels of the networks beyond the article's: products, cells, updates. float32 in vector code
// chosen for the processor at the first call; float64 is the same source compiled plainly, the
// reference for gradient checks.
#ifndef ELMAN_LAYERS_H
#define ELMAN_LAYERS_H

#include <stddef.h>
#include <stdint.h>

#pragma clang assume_nonnull begin

/// `out[i, j] += Σ_k x[i·x_row + k·x_step] · w[k·w_stride + j]` for `rows × columns` outputs, the
/// sum in order of k. With x_row = inner and x_step = 1 a matrix product; with x_row = 1 and x_step
/// = the rows of xᵀ a sum of outer products.
void ck_product_f32(float *out, size_t out_stride, const float *x, size_t x_row, size_t x_step,
                    const float *w, size_t w_stride, size_t rows, size_t inner, size_t columns);
void ck_product_f64(double *out, size_t out_stride, const double *x, size_t x_row, size_t x_step,
                    const double *w, size_t w_stride, size_t rows, size_t inner, size_t columns);

/// `h = tanh(input + recurrent)`, each (rows × hidden).
void ck_elman_forward_f32(size_t rows, size_t hidden, const float *input, const float *recurrent,
                          float *h);
void ck_elman_forward_f64(size_t rows, size_t hidden, const double *input, const double *recurrent,
                          double *h);

/// `dinput = dh · (1 - h²)`, each (rows × hidden).
void ck_elman_backward_f32(size_t rows, size_t hidden, const float *h, const float *dh,
                           float *dinput);
void ck_elman_backward_f64(size_t rows, size_t hidden, const double *h, const double *dh,
                           double *dinput);

/// One GRU step of `rows` texts (PyTorch's form, gates r z n); `saved` is (rows × 4·hidden) for
/// backward.
void ck_gru_forward_f32(size_t rows, size_t hidden, const float *input, const float *recurrent,
                        const float *previous, float *h, float *saved);
void ck_gru_forward_f64(size_t rows, size_t hidden, const double *input, const double *recurrent,
                        const double *previous, double *h, double *saved);

/// The gradient of `gru_forward`; `carry` (rows × hidden) is the part of dh_{t-1} that does not
/// pass through U.
void ck_gru_backward_f32(size_t rows, size_t hidden, const float *previous, const float *saved,
                         const float *dh, float *dinput, float *drecurrent, float *carry);
void ck_gru_backward_f64(size_t rows, size_t hidden, const double *previous, const double *saved,
                         const double *dh, double *dinput, double *drecurrent, double *carry);

/// One LSTM step of `rows` texts (gates i f g o); `saved` is (rows × 5·hidden) for backward.
void ck_lstm_forward_f32(size_t rows, size_t hidden, const float *input, const float *recurrent,
                         const float *previous_c, float *c, float *h, float *saved);
void ck_lstm_forward_f64(size_t rows, size_t hidden, const double *input, const double *recurrent,
                         const double *previous_c, double *c, double *h, double *saved);

/// The gradient of `lstm_forward`; `dc` comes in as that of c′ from the next step and goes out as
/// that of c.
void ck_lstm_backward_f32(size_t rows, size_t hidden, const float *previous_c, const float *saved,
                          const float *dh, float *dc, float *dinput);
void ck_lstm_backward_f64(size_t rows, size_t hidden, const double *previous_c, const double *saved,
                          const double *dh, double *dc, double *dinput);

/// Logits become probabilities; returns `-ln p[label]` in nats.
float ck_softmax_cross_entropy_f32(float *logits, size_t classes, size_t label);
double ck_softmax_cross_entropy_f64(double *logits, size_t classes, size_t label);

/// Adam with element-wise clipping; `gradient` is zeroed.
/// rate = η / (1 - β1ᵗ), correction = 1 / (1 - β2ᵗ).
void ck_adam_f32(size_t count, float *parameters, float *gradient, float *first, float *second,
                 float rate, float correction, float clip);
void ck_adam_f64(size_t count, double *parameters, double *gradient, double *first, double *second,
                 double rate, double correction, double clip);

/// `average += step · (parameters - average)`.
void ck_average_f32(size_t count, float *average, const float *parameters, float step);
void ck_average_f64(size_t count, double *average, const double *parameters, double step);

/// `out += scale · x`.
void ck_add_scaled_f32(size_t count, float *out, const float *x, float scale);
void ck_add_scaled_f64(size_t count, double *out, const double *x, double scale);

/// `out += Σ_j values[j·step] · table[ids[j], :]`, rows `columns` wide, in order of j; step 0
/// repeats one value.
void ck_gather_f32(float *out, const float *table, const int32_t *ids, const float *values,
                   size_t step, size_t count, size_t columns);
void ck_gather_f64(double *out, const double *table, const int32_t *ids, const double *values,
                   size_t step, size_t count, size_t columns);

/// Keeps the greater of `maximum` and `x`, and in `where` the row number it came from.
void ck_maximum_f32(size_t count, float *maximum, int32_t *where, const float *x, int32_t row);
void ck_maximum_f64(size_t count, double *maximum, int32_t *where, const double *x, int32_t row);

/// An inverted-dropout mask: 0 with probability threshold / 65536, else scale; a function of seed
/// and position alone.
void ck_dropout_mask_f32(size_t count, float *mask, uint64_t seed, uint32_t threshold, float scale);
void ck_dropout_mask_f64(size_t count, double *mask, uint64_t seed, uint32_t threshold,
                         double scale);

/// `eˣ`; arguments outside [-87, 88] are clamped in float32.
float ck_exponential_f32(float x);
double ck_exponential_f64(double x);

/// `out` (columns × rows) = the transpose of `x` (rows × columns).
void ck_transpose_f32(float *out, const float *x, size_t rows, size_t columns);
void ck_transpose_f64(double *out, const double *x, size_t rows, size_t columns);

#pragma clang assume_nonnull end

#endif
