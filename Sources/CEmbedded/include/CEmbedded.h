/// Files of the repository inside the program, so that one binary has all it serves.
#pragma once

#include <stddef.h>

#pragma clang assume_nonnull begin

/// openapi.yaml. Not terminated; lives for ever.
const unsigned char *embedded_openapi(void);
size_t embedded_openapi_bytes(void);

#pragma clang assume_nonnull end
