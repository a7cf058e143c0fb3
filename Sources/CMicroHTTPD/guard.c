/// The framing guard: lets through only requests that every HTTP parser reads in the same way.
///
/// libmicrohttpd 0.9.75 takes bare line feeds, NUL bytes, folded lines, two lengths and more. It
/// parses in place, so the addresses of what it found tell what stood in between: if each piece
/// starts exactly where the canonical separator ends, nothing was skipped, cut or glued.

#include "internal.h"

#include <string.h>

/// What a byte may be part of.
enum { is_token = 1, is_host = 2, is_hexadecimal = 4, is_digit = 8 };

static const uint8_t classes[256] = {
    ['!'] = is_token | is_host, ['#'] = is_token, ['$'] = is_token | is_host,
    ['%'] = is_token | is_host, ['&'] = is_token | is_host, ['\''] = is_token | is_host,
    ['*'] = is_token | is_host, ['+'] = is_token | is_host, ['-'] = is_token | is_host,
    ['.'] = is_token | is_host, ['^'] = is_token, ['_'] = is_token | is_host, ['`'] = is_token,
    ['|'] = is_token, ['~'] = is_token | is_host, ['('] = is_host, [')'] = is_host,
    [','] = is_host, [';'] = is_host, ['='] = is_host,
    ['0' ... '9'] = is_token | is_host | is_hexadecimal | is_digit,
    ['A' ... 'F'] = is_token | is_host | is_hexadecimal, ['G' ... 'Z'] = is_token | is_host,
    ['a' ... 'f'] = is_token | is_host | is_hexadecimal, ['g' ... 'z'] = is_token | is_host,
};

static bool has_class(char byte, int class) { return classes[(uint8_t)byte] & class; }

static bool all_of_class(const char *bytes, size_t count, int class) {
    int common = class;
    for (size_t i = 0; i < count; i++) common &= classes[(uint8_t)bytes[i]];
    return count > 0 && common;
}

/// Compares with a lower-case literal, ignoring ASCII case.
static bool matches(const char *bytes, size_t count, const char *lower) {
    for (size_t i = 0; i < count; i++) {
        char byte = bytes[i];
        if (byte >= 'A' && byte <= 'Z') byte |= 0x20;
        if (byte != lower[i]) return false;
    }
    return lower[count] == 0;
}

static mhd_method method_named(const char *name) {
    static const char *const names[] = {"GET", "HEAD", "POST", "PUT",
                                        "PATCH", "DELETE", "OPTIONS", "TRACE", "QUERY"};
    for (int i = 0; i < mhd_method_unknown; i++)
        if (strcmp(name, names[i]) == 0) return (mhd_method)i;
    return mhd_method_unknown;
}

/// True if the pieces lie in the buffer as in a canonical head: `METHOD SP target SP version CRLF`,
/// then `name ":" blanks value CRLF` for each field, then CRLF, and not a byte more.
static bool is_laid_out_canonically(
    const mhd_request *request, const char *method, const char *version, size_t head_bytes) {
    if (request->target_position != method + strlen(method) + 1) return false;
    if (version != request->target_position + request->target_count + 1) return false;
    const char *next = version + strlen(version) + 2;
    for (size_t i = 0; i < request->field_count; i++) {
        const field *f = &request->fields[i];
        if (f->name != next || f->value < f->name + f->name_count + 1) return false;
        next = f->value + f->value_count + 2;
    }
    return next + 2 == method + head_bytes;
}

static bool is_target_valid(const char *target, size_t count) {
    if (count == 0 || target[0] != '/') return false;
    for (size_t i = 0; i < count; i++) {
        if (target[i] <= ' ' || target[i] > '~' || target[i] == '#') return false;
        if (target[i] != '%') continue;
        if (count - i < 3 || !all_of_class(target + i + 1, 2, is_hexadecimal)) return false;
        if (target[i + 1] == '0' && target[i + 2] == '0') return false;
    }
    return true;
}

static bool is_field_valid(const field *f) {
    if (!all_of_class(f->name, f->name_count, is_token)) return false;
    bool is_valid = true;
    for (size_t i = 0; i < f->value_count; i++) {
        uint8_t byte = (uint8_t)f->value[i];
        is_valid &= (byte >= ' ' || byte == '\t') && byte != 0x7f;
    }
    return is_valid;
}

/// `name`, `1.2.3.4` or `[::1]`, then an optional `:port`.
static bool is_host_valid(const char *host, size_t count) {
    size_t end = 0;
    if (count > 0 && host[0] == '[') {
        end = 1;
        while (end < count
               && (has_class(host[end], is_hexadecimal) || host[end] == ':' || host[end] == '.'))
            end++;
        if (end < 3 || end == count || host[end] != ']') return false;
        end++;
    } else {
        while (end < count && has_class(host[end], is_host)) end++;
        if (end == 0) return false;
    }
    if (end == count) return true;
    return host[end] == ':'
        && (end + 1 == count || all_of_class(host + end + 1, count - end - 1, is_digit));
}

/// Fields that steer the transport. Each may appear once.
typedef struct {
    const field *host, *expect, *content_type, *authorization, *content_length, *content_encoding,
        *transfer_encoding;
} steering_fields;

/// Which slot a field fills, or NULL for one that does not steer.
static const field **steering_slot(steering_fields *steering, const field *f) {
    static const char *const by_length[18] = {
        [4] = "host", [6] = "expect", [12] = "content-type", [13] = "authorization",
        [14] = "content-length", [16] = "content-encoding", [17] = "transfer-encoding"};
    if (f->name_count >= 18 || !by_length[f->name_count]) return NULL;
    if (!matches(f->name, f->name_count, by_length[f->name_count])) return NULL;
    switch (f->name_count) {
    case 4: return &steering->host;
    case 6: return &steering->expect;
    case 12: return &steering->content_type;
    case 13: return &steering->authorization;
    case 14: return &steering->content_length;
    case 16: return &steering->content_encoding;
    default: return &steering->transfer_encoding;
    }
}

static mhd_refusal sort_fields(mhd_request *request, steering_fields *steering) {
    for (size_t i = 0; i < request->field_count; i++) {
        field *f = &request->fields[i];
        if (!is_field_valid(f)) return mhd_refusal_bad_field;
        const field **slot = steering_slot(steering, f);
        if (slot && *slot) {
            return slot == &steering->content_length || slot == &steering->transfer_encoding
                ? mhd_refusal_conflicting_length
                : mhd_refusal_repeated_field;
        }
        if (slot) *slot = f;
    }
    return mhd_refusal_none;
}

/// True if exactly one blank stands between the colon and the value, as almost every client sends.
/// Asked of framing fields alone, where a proxy that reads it otherwise would disagree on lengths.
static bool has_canonical_blank(const field *f) {
    return f->value == f->name + f->name_count + 2 && f->name[f->name_count + 1] == ' ';
}

static mhd_refusal check_content_length(mhd_request *request, const field *f) {
    if (!has_canonical_blank(f) || !all_of_class(f->value, f->value_count, is_digit))
        return mhd_refusal_bad_content_length;
    if (f->value_count > 1 && f->value[0] == '0') return mhd_refusal_bad_content_length;
    // Ten digits cannot overflow, and no body is that long.
    if (f->value_count > 10) return mhd_refusal_body_too_large;
    uint64_t length = 0;
    for (size_t i = 0; i < f->value_count; i++)
        length = length * 10 + (uint64_t)(f->value[i] - '0');
    request->content_length = length;
    return mhd_refusal_none;
}

static mhd_refusal check_framing(
    mhd_request *request, const steering_fields *steering, bool is_http_1_1) {
    const field *coding = steering->transfer_encoding, *length = steering->content_length;
    if (coding && length) return mhd_refusal_conflicting_length;
    if (coding) {
        if (!is_http_1_1 || !has_canonical_blank(coding)) return mhd_refusal_conflicting_length;
        if (!matches(coding->value, coding->value_count, "chunked"))
            return mhd_refusal_unsupported_transfer_coding;
        request->is_chunked = true;
    }
    if (length) {
        mhd_refusal refusal = check_content_length(request, length);
        if (refusal) return refusal;
    }
    bool takes_body = request->method == mhd_method_post || request->method == mhd_method_put
        || request->method == mhd_method_patch;
    request->has_body = request->is_chunked || request->content_length > 0;
    if (takes_body && !coding && !length) return mhd_refusal_length_required;
    request->has_unexpected_body = request->has_body && !takes_body;
    return mhd_refusal_none;
}

mhd_refusal guard_head(
    mhd_request *request, const char *method, const char *version, size_t head_bytes) {
    request->method = method_named(method);
    if (!is_laid_out_canonically(request, method, version, head_bytes))
        return mhd_refusal_malformed_head;
    bool is_http_1_1 = strcmp(version, "HTTP/1.1") == 0;
    if (!is_http_1_1 && strcmp(version, "HTTP/1.0") != 0) return mhd_refusal_unsupported_version;
    if (request->method == mhd_method_unknown)
        return all_of_class(method, strlen(method), is_token) ? mhd_refusal_unsupported_method
                                                              : mhd_refusal_malformed_head;
    if (!is_target_valid(request->target, request->target_count)) return mhd_refusal_bad_target;

    steering_fields steering = {0};
    mhd_refusal refusal = sort_fields(request, &steering);
    if (refusal) return refusal;
    if (steering.host ? !is_host_valid(steering.host->value, steering.host->value_count)
                      : is_http_1_1)
        return mhd_refusal_bad_host;
    refusal = check_framing(request, &steering, is_http_1_1);
    if (refusal) return refusal;
    const field *coding = steering.content_encoding, *expect = steering.expect;
    if (coding && !matches(coding->value, coding->value_count, "identity"))
        return mhd_refusal_unsupported_content_coding;
    if (expect && is_http_1_1 && !matches(expect->value, expect->value_count, "100-continue"))
        return mhd_refusal_unsupported_expectation;
    return mhd_refusal_none;
}
