/// One request and its answer: what libmicrohttpd calls as head, body and end arrive.

#include "internal.h"

#include <microhttpd.h>
#include <sys/socket.h>

enum {
    huge_bytes = 256 * 1024,  ///< Of so large an answer the kernel would take megabytes.
    unsent_bytes = 40 * 1024, ///< What it may take then; it doubles it.
};

/// Keeps the kernel from taking megabytes of an answer for a client that reads slowly.
static void limit_unsent(const mhd_request *request) {
    int bytes = unsent_bytes;
    setsockopt(request->connection->socket, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof(bytes));
}

/// Hands the answer to libmicrohttpd. A missing response closes the connection.
static enum MHD_Result send_answer(mhd_request *request, struct MHD_Connection *handle) {
    mhd_server *server = request->connection->server;
    mhd_response *response = request->response;
    request->response = NULL;
    if (!response) return MHD_NO;
    if (!response_finish(response)) {
        mhd_response_destroy(response);
        return MHD_NO;
    }
    if (response->count > huge_bytes) limit_unsent(request);
    if (request->closes || atomic_load_explicit(&server->is_draining, memory_order_relaxed)) {
        MHD_add_response_header(response->handle, MHD_HTTP_HEADER_CONNECTION, "close");
        request->connection->closes = true;
    }
    connection_enter(
        request->connection, phase_response, server->configuration.response_deadline_ms);
    int result = library_queue_response(handle, request->status, response);
    mhd_response_destroy(response);
    return (enum MHD_Result)result;
}

static enum MHD_Result send_refusal(
    mhd_request *request, struct MHD_Connection *handle, mhd_refusal reason) {
    mhd_server *server = request->connection->server;
    request->stage = stage_handled;
    request->closes = true;
    server->callbacks.refuse(server->context, request, reason);
    return send_answer(request, handle);
}

/// Collects one field. A request too large for its object goes no further.
static enum MHD_Result collect_field(
    void *argument, enum MHD_ValueKind kind, const char *name, size_t name_count,
    const char *value, size_t value_count) {
    (void)kind;
    mhd_request *request = argument;
    if (!value) value = name + name_count;
    if (request_collect_field(request, name, name_count, value, value_count)) return MHD_YES;
    request->is_out_of_memory = true;
    return MHD_NO;
}

/// The head is here: guard it, then ask the service how large a body it takes.
static enum MHD_Result take_head(
    mhd_request *request, struct MHD_Connection *handle, const char *method, const char *version) {
    mhd_server *server = request->connection->server;
    if (!connection_take_head(request->connection)) return MHD_NO;
    // Until the head says that nothing follows it, or all of it is taken.
    request->connection->lingers = true;
    connection_enter(request->connection, phase_body, server->configuration.body_deadline_ms);
    MHD_get_connection_values_n(handle, MHD_HEADER_KIND, collect_field, request);
    if (request->is_out_of_memory)
        return send_refusal(request, handle, mhd_refusal_out_of_memory);
    const union MHD_ConnectionInfo *head =
        MHD_get_connection_info(handle, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
    mhd_refusal refusal = guard_head(request, method, version, head ? head->header_size : 0);
    if (refusal) return send_refusal(request, handle, refusal);
    request->connection->lingers = request->has_body;
    if (request->connection->refusal)
        return send_refusal(request, handle, request->connection->refusal);
    if (request->is_chunked) request->closes = !server->configuration.keeps_chunked_connections;

    int64_t limit = server->callbacks.admit(server->context, request);
    if (limit < 0) {
        request->stage = stage_handled;
        request->closes = true;
        return send_answer(request, handle);
    }
    // After the service, which may have a better reason: that the path or the method is not there.
    if (request->has_unexpected_body)
        return send_refusal(request, handle, mhd_refusal_unexpected_body);
    request->body_limit = (uint64_t)limit;
    if (request->content_length > request->body_limit)
        return send_refusal(request, handle, mhd_refusal_body_too_large);
    request->connection->lingers = false;
    request->stage = stage_body;
    return MHD_YES;
}

_Thread_local bool hushes_next_line;

/// Counts every piece against the limit; a chunked body announces none. Who sends too much learns
/// it now: such a body may have no end.
static enum MHD_Result take_piece(mhd_request *request, const char *bytes, size_t count) {
    bool fits = count <= request->body_limit - request->body_count;
    bool is_spooled = request->spool.owner != NULL;
    if (fits
        && (is_spooled ? request_spool_piece(request, bytes, count)
                       : mhd_request_append_body(request, bytes, count)))
        return MHD_YES;
    request->stage = stage_handled;
    request_drop_body(request);
    refuse_directly(
        request,
        !fits ? mhd_refusal_body_too_large
              : is_spooled ? mhd_refusal_storage_full : mhd_refusal_out_of_memory);
    hushes_next_line = true;
    return MHD_NO;
}

/// The request is complete: the service answers now, or the connection sleeps until it does.
static enum MHD_Result take_end(mhd_request *request, struct MHD_Connection *handle) {
    mhd_server *server = request->connection->server;
    request->stage = stage_handled;
    connection_enter(request->connection, phase_handler, 0);
    server->callbacks.respond(server->context, request);
    // Whoever answers later has copied what it needs.
    request_drop_body(request);
    if (atomic_load_explicit(&request->answer, memory_order_acquire) == answer_ready)
        return send_answer(request, handle);
    if (!request->is_deferred) return send_refusal(request, handle, mhd_refusal_answer_missing);
    MHD_suspend_connection(handle);
    int expected = answer_open;
    if (!atomic_compare_exchange_strong_explicit(
            &request->answer, &expected, answer_suspended, memory_order_acq_rel,
            memory_order_acquire))
        MHD_resume_connection(handle);
    return MHD_YES;
}

enum MHD_Result on_request(
    void *argument, struct MHD_Connection *handle, const char *url, const char *method,
    const char *version, const char *upload, size_t *upload_count, void **state) {
    (void)argument;
    (void)url;
    mhd_request *request = *state;
    if (!request) return MHD_NO;
    switch (request->stage) {
    case stage_head: return take_head(request, handle, method, version);
    case stage_body:
        if (*upload_count == 0) return take_end(request, handle);
        size_t count = *upload_count;
        *upload_count = 0;
        return take_piece(request, upload, count);
    case stage_handled: return send_answer(request, handle);
    }
    return MHD_NO;
}
