#include "parser.hpp"

#include <cstring>

namespace {

struct text {
    const uint8_t *bytes;
    size_t count;

    bool operator==(const text &other) const {
        return count == other.count && std::memcmp(bytes, other.bytes, count) == 0;
    }
};

/// The string at tape index `index`.
text string_at(const cjson_document &document, size_t index) {
    const uint8_t *start = document.strings + cjson::word_payload(document.tape[index]);
    uint32_t count;
    std::memcpy(&count, start, sizeof count);
    return {start + sizeof count, count};
}

/// Multiplies to 128 bits and folds the halves together: every bit reaches every other.
uint64_t mix(uint64_t left, uint64_t right) {
    const auto product = static_cast<unsigned __int128>(left) * right;
    return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
}

uint64_t hash(text key, uint64_t seed) {
    uint64_t state = seed ^ key.count;
    while (key.count > 0) {
        const size_t step = key.count < 8 ? key.count : 8;
        uint64_t word = 0;
        std::memcpy(&word, key.bytes, step);
        state = mix(state ^ word, 0x9E3779B97F4A7C15 ^ (seed << 1));
        key.bytes += step;
        key.count -= step;
    }
    return mix(state, 0xD6E8FEB86659FD93);
}

/// Below this, comparing all pairs is faster than a table.
constexpr size_t few_members = 8;

size_t find_among_few(const cjson_document &document, size_t object, size_t end) {
    text seen[few_members];
    size_t count = 0;
    for (size_t key = object + 1; key < end; key = cjson::after(document.tape, key + 1)) {
        const text name = string_at(document, key);
        for (size_t earlier = 0; earlier < count; earlier += 1) {
            if (seen[earlier] == name) return key;
        }
        seen[count] = name;
        count += 1;
    }
    return 0;
}

/// Open addressing over the tape indices of the keys; at most half full, so O(members).
size_t find_among_many(cjson_parser &parser, size_t object, size_t end, size_t members) {
    const cjson_document &document = parser.document;
    size_t slots = 32;
    while (slots < 2 * members) slots *= 2;
    parser.table.assign(slots, 0);
    for (size_t key = object + 1; key < end; key = cjson::after(document.tape, key + 1)) {
        const text name = string_at(document, key);
        size_t slot = hash(name, parser.seed) & (slots - 1);
        while (parser.table[slot] != 0) {
            if (string_at(document, parser.table[slot]) == name) return key;
            slot = (slot + 1) & (slots - 1);
        }
        parser.table[slot] = static_cast<uint32_t>(key);
    }
    if (slots > 65536) std::vector<uint32_t>().swap(parser.table); // Rare; not worth keeping.
    return 0;
}

size_t count_members(const uint64_t *tape, size_t object, size_t end) {
    const size_t counted = cjson::word_payload(tape[object]) >> 32;
    if (counted < 0xFFFFFF) return counted;
    size_t members = 0; // The tape's counter is full: count again.
    for (size_t key = object + 1; key < end; key = cjson::after(tape, key + 1)) members += 1;
    return members;
}

/// The 16-bit value of the four hexadecimal digits of a valid escape.
uint32_t four_digits(const uint8_t *digits) {
    uint32_t value = 0;
    for (int index = 0; index < 4; index += 1) {
        const uint8_t digit = digits[index];
        value = value * 16 + (digit <= '9' ? digit - '0' : (digit | 0x20) - 'a' + 10);
    }
    return value;
}

} // namespace

namespace cjson {

cjson_status check_containers(cjson_parser &parser) {
    const uint64_t *tape = parser.document.tape;
    const size_t count = static_cast<uint32_t>(tape[0]);
    size_t depth = 0;
    for (size_t index = 1; index < count; index += 1) {
        const uint8_t type = word_type(tape[index]);
        if (type == 'l' || type == 'u' || type == 'd') {
            index += 1; // The number's own word.
            continue;
        }
        if (type == '}' || type == ']') depth -= 1;
        if (type != '{' && type != '[') continue;
        depth += 1;
        if (depth > parser.depth) return CJSON_REFUSED;
        if (type == '[') continue;

        const size_t end = after(tape, index) - 1;
        const size_t members = count_members(tape, index, end);
        const size_t key = members <= few_members
                               ? find_among_few(parser.document, index, end)
                               : find_among_many(parser, index, end, members);
        if (key == 0) continue;
        parser.document.duplicate = key;
        return CJSON_DUPLICATE_KEY;
    }
    return CJSON_OK;
}

bool has_lone_surrogate(const uint8_t *bytes, size_t count) {
    const uint8_t *end = bytes + count;
    const uint8_t *next = bytes;
    while ((next = static_cast<const uint8_t *>(std::memchr(next, '\\', end - next)))) {
        // The text is valid JSON: an escape is complete, and a string follows to its quote.
        if (next[1] != 'u') {
            next += 2;
            continue;
        }
        const uint32_t unit = four_digits(next + 2);
        next += 6;
        if (unit < 0xD800 || unit > 0xDFFF) continue;
        if (unit >= 0xDC00 || next[0] != '\\' || next[1] != 'u') return true;
        const uint32_t low = four_digits(next + 2);
        if (low < 0xDC00 || low > 0xDFFF) return true;
        next += 6;
    }
    return false;
}

} // namespace cjson
