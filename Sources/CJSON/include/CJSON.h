/// Strict JSON into a flat tape, over simdjson. Knows nothing of what the documents mean.
#ifndef CJSON_H
#define CJSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#pragma clang assume_nonnull begin

/// Buffers for one document at a time; one thread at a time.
typedef struct cjson_parser cjson_parser;

/// What became of a parse.
typedef enum : int32_t {
    CJSON_OK = 0,
    CJSON_NO_MEMORY = 1,
    CJSON_REFUSED = 2,       ///< Not strict JSON, or too deep; simdjson does not say where.
    CJSON_DUPLICATE_KEY = 3, ///< `duplicate` is the tape index of the second key.
} cjson_status;

/// The tape of the last parse, simdjson's layout (its doc/tape.md).
///
/// A word has its type in the top 8 bits and a payload of 56. Word 0 is the root, word 1 the
/// document's value.
///   `{` `[`      payload bits 0 to 31: the index just past the closing word; bits 32 to 55: the
///                number of members or elements, 0xFFFFFF standing for that many or more
///   `}` `]`      closing words
///   `"`          payload: offset into `strings` of a 32-bit length, then that many UTF-8 bytes
///   `l` `u` `d`  the next word is an int64_t, a uint64_t above INT64_MAX, or a double
///   `t` `f` `n`  true, false, null
/// An object is its members in order, each a string word followed by the value.
/// Both pointers die at the next parse or when the parser is destroyed.
typedef struct {
    const uint64_t *_Nullable tape;
    const uint8_t *_Nullable strings;
    size_t duplicate;
    uint32_t generation; ///< Counts parses, so that a view can notice that it is out of date.
} cjson_document;

/// Makes a parser that refuses more than `depth` nested containers. NULL: no memory.
cjson_parser *_Nullable cjson_create(size_t depth);

/// Frees the parser and its document. `parser` may be NULL.
void cjson_destroy(cjson_parser *_Nullable parser);

/// Where the parser keeps its document; the address stays for the parser's life.
const cjson_document *cjson_document_of(const cjson_parser *parser);

/// Parses `count` bytes, which are copied first: they need no padding and may die at return.
///
/// Refuses invalid UTF-8, lone surrogates, depth above the limit, trailing bytes, numbers out of
/// range and, at any level, two equal keys of one object (compared after unescaping).
/// O(count); allocates only when `count` is the largest yet.
cjson_status cjson_parse(cjson_parser *parser, const uint8_t *_Nullable bytes, size_t count);

/// The most memory in bytes that parsing these bytes can touch, buffers and tape together.
/// O(count), many times as fast as parsing.
size_t cjson_bytes_needed(const uint8_t *_Nullable bytes, size_t count);

/// Copies the numbers of the array at tape index `array` into `floats`, at most `capacity`.
///
/// Each is rounded to the nearest float32. Stops at the first element that is no number or is
/// not finite as a float32. Returns how many were copied; `*complete` says whether those were
/// all elements of the array.
size_t cjson_copy_floats(const cjson_document *document, size_t array, float *floats,
                         size_t capacity, bool *complete);

#pragma clang assume_nonnull end

#ifdef __cplusplus
}
#endif

#endif
