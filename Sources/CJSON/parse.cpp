#include "parser.hpp"

#include <cmath>
#include <cstring>
#include <new>
#include <random>

namespace {

/// Buffers above this are given back when the next document is small, so that one large body
/// does not hold memory for the rest of a thread's life.
constexpr size_t kept_bytes = size_t{1} << 20;
constexpr size_t first_bytes = 4096;

/// Makes room for `count` bytes. False: no memory.
bool reserve(cjson_parser &parser, size_t count) {
    const bool is_small = count <= parser.capacity;
    const bool is_wasteful = parser.capacity > kept_bytes && count <= kept_bytes;
    if (is_small && !is_wasteful) return true;

    size_t capacity = first_bytes;
    while (capacity < count) capacity += capacity / 2;
    // What is given back so soon needs no room to grow.
    if (count > kept_bytes) capacity = count;
    parser.capacity = 0;
    parser.document.tape = nullptr;
    parser.document.strings = nullptr;
    parser.simd = simdjson::dom::parser();
    parser.input.reset(new (std::nothrow) uint8_t[capacity + simdjson::SIMDJSON_PADDING]);
    if (!parser.input) return false;
    if (parser.simd.allocate(capacity, parser.depth + 1) != simdjson::SUCCESS) return false;
    if (parser.simd.doc.allocate(capacity) != simdjson::SUCCESS) return false;
    parser.capacity = capacity;
    return true;
}

cjson_status parse(cjson_parser &parser, const uint8_t *bytes, size_t count) {
    parser.document.generation += 1;
    parser.document.tape = nullptr;
    parser.document.strings = nullptr;
    if (count == 0) return CJSON_REFUSED;
    if (!reserve(parser, count)) return CJSON_NO_MEMORY;

    std::memcpy(parser.input.get(), bytes, count);
    // simdjson may read these bytes, never depends on them; zeros keep memory checkers quiet.
    std::memset(parser.input.get() + count, 0, simdjson::SIMDJSON_PADDING);
    const auto error = parser.simd.parse(parser.input.get(), count, false).error();
    if (error == simdjson::MEMALLOC) return CJSON_NO_MEMORY;
    if (error != simdjson::SUCCESS) return CJSON_REFUSED;
    if (cjson::has_lone_surrogate(parser.input.get(), count)) return CJSON_REFUSED;

    parser.document.tape = parser.simd.doc.tape.get();
    parser.document.strings = parser.simd.doc.string_buf.get();
    return cjson::check_containers(parser);
}

/// The number at `index` as a float32; false when it is none or not finite.
bool read_float(const uint64_t *tape, size_t index, float &value) {
    double number;
    switch (cjson::word_type(tape[index])) {
    case 'd':
        std::memcpy(&number, &tape[index + 1], sizeof number);
        break;
    case 'l':
        number = static_cast<double>(static_cast<int64_t>(tape[index + 1]));
        break;
    case 'u':
        number = static_cast<double>(tape[index + 1]);
        break;
    default:
        return false;
    }
    value = static_cast<float>(number);
    return std::isfinite(value);
}

} // namespace

extern "C" {

cjson_parser *cjson_create(size_t depth) {
    try {
        auto parser = std::make_unique<cjson_parser>();
        std::random_device device;
        parser->seed = (uint64_t{device()} << 32) | device();
        parser->depth = depth;
        return parser.release();
    } catch (...) {
        return nullptr;
    }
}

void cjson_destroy(cjson_parser *parser) { delete parser; }

const cjson_document *cjson_document_of(const cjson_parser *parser) { return &parser->document; }

cjson_status cjson_parse(cjson_parser *parser, const uint8_t *bytes, size_t count) {
    try {
        return parse(*parser, bytes, count);
    } catch (...) {
        return CJSON_NO_MEMORY; // Nothing else throws here.
    }
}

size_t cjson_bytes_needed(const uint8_t *bytes, size_t count) {
    size_t marks = 0;
    for (size_t index = 0; index < count; index += 1) {
        const uint8_t byte = bytes[index];
        const uint8_t folded = byte | 0x20; // Brackets become braces.
        marks += (byte == ',') | (byte == ':') | (folded == '{') | (folded == '}');
    }
    // Before or behind each mark stands one scalar at most. An index has 4 bytes; a number has two
    // words of tape, and a string one word, a length and a zero beside its bytes.
    return 2 * count + marks * (2 * 4 + 3 * 8 + 5);
}

size_t cjson_copy_floats(const cjson_document *document, size_t array, float *floats,
                         size_t capacity, bool *complete) {
    const uint64_t *tape = document->tape;
    const size_t end = cjson::after(tape, array) - 1;
    size_t index = array + 1;
    size_t copied = 0;
    while (index < end && copied < capacity) {
        if (!read_float(tape, index, floats[copied])) break;
        copied += 1;
        index += 2;
    }
    *complete = index == end;
    return copied;
}

} // extern "C"
