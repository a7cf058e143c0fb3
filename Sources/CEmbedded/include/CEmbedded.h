/// Files of the repository inside the program, so that one binary has all it serves.
#pragma once

#include <stddef.h>

#pragma clang assume_nonnull begin

/// openapi.yaml. Not terminated; lives for ever.
const unsigned char *embedded_openapi(void);
size_t embedded_openapi_bytes(void);

/// docs/api.html, which scripts/api makes of openapi.yaml. Not terminated; lives for ever.
const unsigned char *embedded_api_page(void);
size_t embedded_api_page_bytes(void);

/// A file of Sources/Page. Its bytes are not terminated; all live for ever.
typedef struct {
    const char *name;
    const unsigned char *bytes;
    size_t byte_count;
} embedded_file;

/// The files of the page for people, by name.
const embedded_file *embedded_page(void);
size_t embedded_page_count(void);

#pragma clang assume_nonnull end
