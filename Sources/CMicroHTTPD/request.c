/// The request object: what the service may ask of it, and how its answer comes, now or later.

#define _GNU_SOURCE  // POLLRDHUP
#include "internal.h"

#include <arpa/inet.h>
#include <microhttpd.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

mhd_request *request_create(const char *target, size_t target_count) {
    mhd_request *request = malloc(sizeof(mhd_request) + target_count);
    if (!request) return NULL;
    memset(request, 0, offsetof(mhd_request, inline_fields));
    atomic_init(&request->references, 1);
    atomic_init(&request->answer, answer_open);
    atomic_flag_clear_explicit(&request->is_claimed, memory_order_relaxed);
    request->fields = request->inline_fields;
    request->field_capacity = inline_field_count;
    request->target_position = target;
    request->target_count = target_count;
    memcpy(request->target, target, target_count);
    return request;
}

bool request_collect_field(
    mhd_request *request, const char *name, size_t name_count, const char *value,
    size_t value_count) {
    if (request->field_count == request->field_capacity) {
        size_t capacity = request->field_capacity * 2;
        bool is_inline = request->fields == request->inline_fields;
        field *grown = realloc(is_inline ? NULL : request->fields, capacity * sizeof(field));
        if (!grown) return false;
        if (is_inline) memcpy(grown, request->inline_fields, sizeof(request->inline_fields));
        request->fields = grown;
        request->field_capacity = capacity;
    }
    request->fields[request->field_count++] = (field){
        .name = name,
        .value = value,
        .name_count = (uint32_t)name_count,
        .value_count = (uint32_t)value_count,
    };
    return true;
}

void request_retain(mhd_request *request) {
    atomic_fetch_add_explicit(&request->references, 1, memory_order_relaxed);
}

void mhd_request_release(mhd_request *request) {
    if (atomic_fetch_sub_explicit(&request->references, 1, memory_order_acq_rel) != 1) return;
    if (request->response) mhd_response_destroy(request->response);
    if (request->is_detached)
        for (size_t i = 0; i < request->field_count; i++) free((void *)request->fields[i].name);
    if (request->fields != request->inline_fields) free(request->fields);
    free(request->body);
    request_end_spool(request);
    if (request->is_deferred) server_release(request->server);
    free(request);
}

// What the service asks.

mhd_method mhd_request_method(const mhd_request *request) { return request->method; }

mhd_slice mhd_request_target(const mhd_request *request) {
    return (mhd_slice){request->target, request->target_count};
}

mhd_slice mhd_request_body(const mhd_request *request) {
    return (mhd_slice){(const char *)request->body, request->body_count};
}

static bool is_blank(char byte) { return byte == ' ' || byte == '\t'; }

mhd_slice mhd_request_field(
    const mhd_request *request, const char *name, size_t name_count, size_t *index) {
    while (*index < request->field_count) {
        const field *f = &request->fields[(*index)++];
        if (f->name_count != name_count) continue;
        size_t i = 0;
        // Names are tokens: setting bit 5 folds letters, and lower-case bytes of `name` have it.
        while (i < name_count && (f->name[i] == name[i] || (f->name[i] | 0x20) == name[i])) i++;
        if (i < name_count) continue;
        size_t count = f->value_count;
        while (count > 0 && is_blank(f->value[count - 1])) count--;
        return (mhd_slice){f->value, count};
    }
    return (mhd_slice){NULL, 0};
}

bool mhd_request_client_address(mhd_request *request, char *buffer, size_t capacity) {
    if (!request->handle) return false;
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(request->handle, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    if (!info || !info->client_addr) return false;
    const struct sockaddr *address = info->client_addr;
    const void *bytes = address->sa_family == AF_INET6
        ? (const void *)&((const struct sockaddr_in6 *)address)->sin6_addr
        : (const void *)&((const struct sockaddr_in *)address)->sin_addr;
    return inet_ntop(address->sa_family, bytes, buffer, (socklen_t)capacity) != NULL;
}

// The answer.

bool mhd_request_defer(mhd_request *request, uint64_t deadline_ms) {
    mhd_server *server = request->connection->server;
    pthread_mutex_lock(&server->lock);
    bool accepts = !server->is_stopping;
    if (accepts) {
        request->is_deferred = true;
        request->is_waiting = true;
        request->server = server;
        request->answer_deadline_ms = monotonic_ms() + deadline_ms;
        atomic_fetch_add_explicit(&server->references, 1, memory_order_relaxed);
        request_retain(request);
        TAILQ_INSERT_TAIL(&server->deferred, request, deferred_link);
    }
    pthread_mutex_unlock(&server->lock);
    return accepts;
}

bool mhd_request_answer(mhd_request *request, unsigned int status, mhd_response *response) {
    if (atomic_flag_test_and_set_explicit(&request->is_claimed, memory_order_acq_rel)) {
        if (response) mhd_response_destroy(response);
        return false;
    }
    request->status = status;
    request->response = response;
    if (!request->is_deferred) {
        atomic_store_explicit(&request->answer, answer_ready, memory_order_release);
        return true;
    }
    mhd_server *server = request->server;
    pthread_mutex_lock(&server->lock);
    request->is_waiting = false;
    pthread_mutex_unlock(&server->lock);
    // A suspended connection is not freed, so its handle lives until it is resumed here.
    struct MHD_Connection *handle = request->handle;
    int before = atomic_exchange_explicit(&request->answer, answer_ready, memory_order_acq_rel);
    if (before == answer_suspended) MHD_resume_connection(handle);
    // Only now: an empty list tells `mhd_server_stop` that nothing is suspended any more.
    pthread_mutex_lock(&server->lock);
    TAILQ_REMOVE(&server->deferred, request, deferred_link);
    pthread_cond_broadcast(&server->changed);
    pthread_mutex_unlock(&server->lock);
    return true;
}

bool mhd_request_is_abandoned(mhd_request *request) {
    if (!request->is_deferred) return false;
    bool is_abandoned = true;
    pthread_mutex_lock(&request->server->lock);
    if (request->is_waiting) {
        // A waiting request has its connection, and so its socket.
        struct pollfd socket = {.fd = request->connection->socket, .events = POLLRDHUP};
        is_abandoned = poll(&socket, 1, 0) > 0;
    }
    pthread_mutex_unlock(&request->server->lock);
    return is_abandoned;
}

/// Refuses a request that is waiting. Expects the server's lock, and lets go of it meanwhile. Being
/// counted keeps the service alive until the callback has returned.
static void refuse_waiting(mhd_server *server, mhd_request *request, mhd_refusal reason) {
    request->is_waiting = false;
    server->refusals_under_way++;
    request_retain(request);
    pthread_mutex_unlock(&server->lock);
    server->callbacks.refuse(server->context, request, reason);
    mhd_request_release(request);
    pthread_mutex_lock(&server->lock);
    server->refusals_under_way--;
    pthread_cond_broadcast(&server->changed);
}

void mhd_request_drop(mhd_request *request) {
    mhd_server *server = request->server;
    pthread_mutex_lock(&server->lock);
    if (request->is_waiting) refuse_waiting(server, request, mhd_refusal_answer_missing);
    pthread_mutex_unlock(&server->lock);
    mhd_request_release(request);
}

void server_refuse_deferred(mhd_server *server, mhd_refusal reason, uint64_t deadline_ms) {
    pthread_mutex_lock(&server->lock);
    for (;;) {
        mhd_request *due;
        TAILQ_FOREACH(due, &server->deferred, deferred_link) {
            if (due->is_waiting && due->answer_deadline_ms <= deadline_ms) break;
        }
        if (!due) break;
        refuse_waiting(server, due, reason);
    }
    pthread_mutex_unlock(&server->lock);
}

// Detached requests.

mhd_request *mhd_request_create_detached(
    mhd_method method, const char *target, size_t target_count) {
    mhd_request *request = request_create(target, target_count);
    if (!request) return NULL;
    request->is_detached = true;
    request->method = method;
    return request;
}

bool mhd_request_add_field(
    mhd_request *request, const char *name, size_t name_count, const char *value,
    size_t value_count) {
    char *copy = malloc(name_count + value_count + 1);
    if (!copy) return false;
    memcpy(copy, name, name_count);
    memcpy(copy + name_count, value, value_count);
    if (request_collect_field(request, copy, name_count, copy + name_count, value_count))
        return true;
    free(copy);
    return false;
}

enum { small_body_bytes = 64 * 1024 }; ///< Memory for so much is not asked for.

/// Asks for the memory that a larger buffer takes. A detached request has nobody to ask.
static bool take_memory(mhd_request *request, size_t capacity) {
    if (capacity <= small_body_bytes || request->is_detached) return true;
    mhd_server *server = request->connection->server;
    size_t more = capacity - request->body_memory;
    if (!server->callbacks.take_memory(server->context, more)) return false;
    request->body_memory = capacity;
    return true;
}

void request_drop_body(mhd_request *request) {
    free(request->body);
    request->body = NULL;
    request->body_count = 0;
    request->body_capacity = 0;
    if (request->body_memory == 0) return;
    mhd_server *server = request->connection->server;
    server->callbacks.return_memory(server->context, request->body_memory);
    request->body_memory = 0;
}

bool mhd_request_append_body(mhd_request *request, const void *bytes, size_t count) {
    if (count == 0) return true;
    size_t needed = request->body_count + count;
    if (needed > request->body_capacity) {
        // The announced length at first, but never much more than what has come.
        size_t announced = (size_t)request->content_length;
        size_t capacity = needed * 2;
        if (announced >= needed && announced < capacity) capacity = announced;
        if (!take_memory(request, capacity)) return false;
        uint8_t *grown = realloc(request->body, capacity);
        if (!grown) return false;
        request->body = grown;
        request->body_capacity = capacity;
    }
    memcpy(request->body + request->body_count, bytes, count);
    request->body_count = needed;
    return true;
}
