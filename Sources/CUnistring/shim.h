#include <stdint.h>
#include <unicase.h>
#include <unictype.h>
#include <uninorm.h>

/// NFC of UTF-8: `u8_normalize` with the form that Swift cannot import, because it is a macro.
static inline uint8_t *elman_u8_nfc(const uint8_t *text, size_t bytes, uint8_t *result,
    size_t *result_bytes) {
    return u8_normalize(UNINORM_NFC, text, bytes, result, result_bytes);
}

/// The case folding of UTF-8 in NFKC, which knows no width and no presentation form; to be freed.
static inline uint8_t *elman_u8_folded(const uint8_t *text, size_t bytes, size_t *result_bytes) {
    return u8_casefold(text, bytes, NULL, UNINORM_NFKC, NULL, result_bytes);
}
