/// Answers, until libmicrohttpd has them.
///
/// libmicrohttpd keeps each field of an answer in three blocks of the heap, and makes its `Date`
/// anew for every answer. Here the fields lie behind the body, and libmicrohttpd gets all of them
/// as the value of one, `Date`, whose text is made once a second.

#define _GNU_SOURCE  // mempcpy
#include "internal.h"

#include <microhttpd.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    date_count = 29,   ///< As in `Fri, 27 Nov 2026 19:00:00 GMT`.
    spare_bytes = 480, ///< For fields; most answers need less.
    /// Stands for CR and for LF, which libmicrohttpd takes in no value. No field holds it.
    line_end = 1,
};

mhd_response *response_create(size_t count) {
    if (count > SIZE_MAX / 2) return NULL;
    mhd_response *response = malloc(sizeof(mhd_response) + count + spare_bytes);
    if (!response) return NULL;
    *response = (mhd_response){
        .bytes = response->room,
        .count = count,
        .fields = response->room + count,
        .field_count = date_count,
        .field_capacity = spare_bytes,
    };
    return response;
}

void response_free(mhd_response *response) {
    if (response->release) response->release(response->owner);
    free(response->own_fields);
    free(response);
}

static void free_response(void *argument) { response_free(argument); }

mhd_response *mhd_response_create(const void *bytes, size_t count) {
    mhd_response *response = response_create(count);
    if (!response) return NULL;
    if (count > 0) memcpy(response->room, bytes, count);
    response->handle = MHD_create_response_from_buffer_with_free_callback_cls(
        count, response->room, free_response, response);
    if (response->handle) return response;
    free(response);
    return NULL;
}

mhd_response *mhd_response_create_borrowing(
    const void *bytes, size_t count, void *owner, void (*release)(void *)) {
    mhd_response *response = response_create(0);
    if (!response) return NULL;
    response->bytes = bytes;
    response->count = count;
    response->handle = MHD_create_response_from_buffer_with_free_callback_cls(
        count, (void *)bytes, free_response, response);
    if (!response->handle) {
        free(response);
        return NULL;
    }
    response->owner = owner;
    response->release = release;
    return response;
}

void mhd_response_destroy(mhd_response *response) { MHD_destroy_response(response->handle); }

static bool is_carried(const uint8_t *bytes, size_t count, bool is_name) {
    bool is_carried = count > 0;
    for (size_t i = 0; i < count; i++)
        is_carried &= is_name ? bytes[i] > ' ' && bytes[i] < 0x7f && bytes[i] != ':'
                              : (bytes[i] >= ' ' || bytes[i] == '\t') && bytes[i] != 0x7f;
    return is_carried;
}

static bool make_room(mhd_response *response, size_t count) {
    if (count > SIZE_MAX / 4) return false;
    size_t needed = response->field_count + count;
    if (needed <= response->field_capacity) return true;
    char *grown = realloc(response->own_fields, needed * 2);
    if (!grown) return false;
    if (!response->own_fields) memcpy(grown, response->fields, response->field_count);
    response->fields = response->own_fields = grown;
    response->field_capacity = needed * 2;
    return true;
}

bool mhd_response_add_field(
    mhd_response *response, const void *name, size_t name_count, const void *value,
    size_t value_count) {
    if (!is_carried(name, name_count, true) || !is_carried(value, value_count, false)) return false;
    // One more for the 0 behind the last.
    if (!make_room(response, name_count + value_count + 5)) return false;
    char *at = response->fields + response->field_count;
    *at++ = line_end;
    *at++ = line_end;
    at = mempcpy(at, name, name_count);
    *at++ = ':';
    *at++ = ' ';
    at = mempcpy(at, value, value_count);
    response->field_count = (size_t)(at - response->fields);
    return true;
}

/// Writes the time as RFC 9110 has it (5.6.7), whatever the locale.
static void write_date(char *to) {
    static _Thread_local time_t second;
    static _Thread_local char text[date_count];
    static const char days[] = "SunMonTueWedThuFriSat";
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    struct timespec now;
    clock_gettime(CLOCK_REALTIME_COARSE, &now);
    struct tm utc;
    if (now.tv_sec != second && gmtime_r(&now.tv_sec, &utc)) {
        char made[80];
        snprintf(
            made, sizeof(made), "%.3s, %02d %.3s %04d %02d:%02d:%02d GMT", days + 3 * utc.tm_wday,
            utc.tm_mday, months + 3 * utc.tm_mon, utc.tm_year + 1900, utc.tm_hour, utc.tm_min,
            utc.tm_sec);
        memcpy(text, made, date_count);
        second = now.tv_sec;
    }
    memcpy(to, text, date_count);
}

static void end_lines(char *text) {
    while ((text = strchr(text, line_end))) text = mempcpy(text, "\r\n", 2);
}

bool response_finish(mhd_response *response) {
    write_date(response->fields);
    response->fields[response->field_count] = 0;
    if (MHD_add_response_header(response->handle, MHD_HTTP_HEADER_DATE, response->fields)
        != MHD_YES)
        return false;
    // libmicrohttpd lends its copy to be read, and leaves it as it is until it is sent.
    end_lines((char *)MHD_get_response_header(response->handle, MHD_HTTP_HEADER_DATE));
    return true;
}

void response_write_fields(mhd_response *response, FILE *file) {
    write_date(response->fields);
    response->fields[response->field_count] = 0;
    end_lines(response->fields);
    fprintf(file, "%s: %s\r\n", MHD_HTTP_HEADER_DATE, response->fields);
}
