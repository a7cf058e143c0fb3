#include "CEmbedded.h"

#pragma clang diagnostic ignored "-Wc23-extensions"

static const unsigned char openapi[] = {
#embed "../../openapi.yaml"
};

const unsigned char *embedded_openapi(void) { return openapi; }

size_t embedded_openapi_bytes(void) { return sizeof openapi; }
