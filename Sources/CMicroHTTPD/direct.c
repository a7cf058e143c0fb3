/// Refusals that go past libmicrohttpd: of a body amid its pieces, where it takes no answer, and of
/// what it cannot parse, which it answers with a page of its own, some of them twice.
///
/// It queues such a page as an application would its answer, through the library's symbol table. So
/// the function below stands before its own: it sends the service's refusal and shuts the socket
/// for writing, and the page goes nowhere. Remove it when libmicrohttpd asks the application.

#define _GNU_SOURCE  // RTLD_NEXT
#include "internal.h"

#include <dlfcn.h>
#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

typedef enum MHD_Result queue_function(
    struct MHD_Connection *handle, unsigned int status, struct MHD_Response *response);

static queue_function *library_function;

static void find_library_function(void) {
    library_function = (queue_function *)dlsym(RTLD_NEXT, "MHD_queue_response");
}

bool direct_prepare(void) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, find_library_function);
    return library_function != NULL;
}

int library_queue_response(
    struct MHD_Connection *handle, unsigned int status, const mhd_response *response) {
    return library_function(handle, status, response->handle);
}

/// Head and body as they go over the wire. NULL if there is no memory.
static char *written(unsigned int status, mhd_response *response, size_t *count) {
    char *bytes = NULL;
    FILE *file = open_memstream(&bytes, count);
    if (!file) return NULL;
    fprintf(file, "HTTP/1.1 %u %s\r\n", status, MHD_get_reason_phrase_for(status));
    response_write_fields(response, file);
    fprintf(file, "Connection: close\r\nContent-Length: %zu\r\n\r\n", response->count);
    fwrite(response->bytes, 1, response->count, file);
    if (fclose(file) == 0) return bytes;
    free(bytes);
    return NULL;
}

void refuse_directly(mhd_request *request, mhd_refusal reason) {
    connection *refused = request->connection;
    mhd_server *server = refused->server;
    refused->lingers = true;
    server->callbacks.refuse(server->context, request, reason);
    mhd_response *response = request->response;
    request->response = NULL;
    size_t count = 0;
    char *bytes = response ? written(request->status, response, &count) : NULL;
    // A socket takes so little at once, unless its client leaves earlier answers unread.
    if (bytes && !tls_send_last(request->handle, bytes, count))
        send(refused->socket, bytes, count, MSG_NOSIGNAL | MSG_DONTWAIT);
    free(bytes);
    if (response) mhd_response_destroy(response);
    shutdown(refused->socket, SHUT_WR);
}

/// What a status of libmicrohttpd's own means.
static mhd_refusal refusal_of(
    unsigned int status, const mhd_request *request, struct MHD_Connection *handle) {
    switch (status) {
    case MHD_HTTP_BAD_REQUEST: break;
    case MHD_HTTP_CONTENT_TOO_LARGE: return mhd_refusal_body_too_large;
    case MHD_HTTP_URI_TOO_LONG: return mhd_refusal_target_too_long;
    case MHD_HTTP_REQUEST_HEADER_FIELDS_TOO_LARGE: return mhd_refusal_head_too_large;
    case MHD_HTTP_HTTP_VERSION_NOT_SUPPORTED: return mhd_refusal_unsupported_version;
    default: return mhd_refusal_answer_missing;
    }
    if (request && request->stage == stage_body) return mhd_refusal_malformed_chunk;
    const union MHD_ConnectionInfo *head =
        MHD_get_connection_info(handle, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
    // Of a complete head only the length of the body is checked.
    return head && head->header_size > 0 ? mhd_refusal_bad_content_length
                                         : mhd_refusal_malformed_head;
}

/// Stands before libmicrohttpd's own, which calls it for its error pages alone; our answers go to
/// `library_queue_response`. What it returns keeps libmicrohttpd on the way of an answer: it reads
/// a head whose page could not be queued after it has freed it.
__attribute__((visibility("default"))) enum MHD_Result MHD_queue_response(
    struct MHD_Connection *handle, unsigned int status, struct MHD_Response *page) {
    connection *opened = connection_of(handle);
    mhd_request *request = opened ? opened->request : NULL;
    // The target may not have come.
    mhd_request *blank = opened && !request ? request_create("", 0) : NULL;
    if (blank) {
        blank->connection = opened;
        blank->handle = handle;
        request = blank;
    }
    if (request) refuse_directly(request, refusal_of(status, request, handle));
    if (blank) mhd_request_release(blank);
    if (!opened) return library_function(handle, status, page);
    mhd_server *server = opened->server;
    pthread_mutex_lock(&server->lock);
    // From then on it takes no page, says that it did, and crashes.
    enum MHD_Result result =
        server->stops_daemon ? MHD_NO : library_function(handle, status, page);
    pthread_mutex_unlock(&server->lock);
    return result;
}
