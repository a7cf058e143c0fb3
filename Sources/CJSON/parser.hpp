#pragma once

#include "CJSON.h"

#include <memory>
#include <simdjson.h>
#include <vector>

/// The simdjson parser with its padded input and the scratch of the duplicate check.
struct cjson_parser {
    simdjson::dom::parser simd;
    std::unique_ptr<uint8_t[]> input;
    size_t capacity = 0; ///< Bytes that `input` takes, padding left out.
    size_t depth = 0;
    uint64_t seed = 0; ///< Nobody outside knows it, so nobody can choose keys that collide.
    std::vector<uint32_t> table;
    cjson_document document{};
};

namespace cjson {

inline uint8_t word_type(uint64_t word) { return static_cast<uint8_t>(word >> 56); }
inline uint64_t word_payload(uint64_t word) { return word & 0x00FFFFFFFFFFFFFF; }

/// The index just past the value at `index`.
inline size_t after(const uint64_t *tape, size_t index) {
    switch (word_type(tape[index])) {
    case '{':
    case '[':
        return static_cast<uint32_t>(tape[index]);
    case 'l':
    case 'u':
    case 'd':
        return index + 2;
    default:
        return index + 1;
    }
}

/// Whether an escape in valid JSON text names half of a surrogate pair.
bool has_lone_surrogate(const uint8_t *bytes, size_t count);

/// Checks depth and keys, which simdjson does not (its own depth limit lets an innermost empty
/// container pass); leaves a duplicate's index in the document. May throw bad_alloc.
cjson_status check_containers(cjson_parser &parser);

} // namespace cjson
