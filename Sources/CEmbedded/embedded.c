#include "CEmbedded.h"

#pragma clang diagnostic ignored "-Wc23-extensions"

static const unsigned char openapi[] = {
#embed "../../openapi.yaml"
};

const unsigned char *embedded_openapi(void) { return openapi; }

size_t embedded_openapi_bytes(void) { return sizeof openapi; }

static const unsigned char api_page[] = {
#embed "../../docs/api.html"
};

const unsigned char *embedded_api_page(void) { return api_page; }

size_t embedded_api_page_bytes(void) { return sizeof api_page; }
