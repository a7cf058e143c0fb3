/// Long bodies and long answers: a body that goes into a file, and an answer that is made piece by
/// piece as its client reads. Neither takes memory for all of it, nor a thread.
///
/// Both may take long, so their deadlines follow what they move: a body that comes faster than a
/// slow line carries, and a client that reads on, are never cut off.

#define _GNU_SOURCE  // O_TMPFILE, mkostemp
#include "internal.h"

#include <errno.h>
#include <fcntl.h>
#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum {
    slowest_bytes_per_ms = 16,
    piece_bytes = 32 * 1024,
};

// Bodies.

int mhd_spool_open(const char *directory) {
    int file = open(directory, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (file >= 0) return file;
    // A file system without files that have no name.
    char path[4096];
    int length = snprintf(path, sizeof(path), "%s/spool-XXXXXX", directory);
    if (length < 0 || (size_t)length >= sizeof(path)) return -1;
    file = mkostemp(path, O_CLOEXEC);
    if (file >= 0) unlink(path);
    return file;
}

void mhd_request_spool(
    mhd_request *request, int file, void *owner, void (*release)(void *owner)) {
    request->spool = (body_spool){.file = file, .owner = owner, .release = release};
}

void *mhd_request_spool_owner(const mhd_request *request) { return request->spool.owner; }

void request_end_spool(mhd_request *request) {
    if (request->spool.owner) request->spool.release(request->spool.owner);
    request->spool.owner = NULL;
}

/// Gives a body the time that so many bytes take on a slow line, and never more than the silence
/// that any body may have.
static void extend_deadline(mhd_request *request, size_t count) {
    uint64_t now = monotonic_ms();
    uint64_t most = request->connection->server->configuration.body_deadline_ms;
    body_spool *spool = &request->spool;
    if (spool->deadline_ms == 0) spool->deadline_ms = now + most;
    spool->spare_bytes += count;
    spool->deadline_ms += spool->spare_bytes / slowest_bytes_per_ms;
    spool->spare_bytes %= slowest_bytes_per_ms;
    if (spool->deadline_ms > now + most) spool->deadline_ms = now + most;
    uint64_t left = spool->deadline_ms > now ? spool->deadline_ms - now : 1;
    connection_enter(request->connection, phase_body, left);
}

bool request_spool_piece(mhd_request *request, const char *bytes, size_t count) {
    size_t written = 0;
    while (written < count) {
        ssize_t result = write(request->spool.file, bytes + written, count - written);
        if (result < 0 && errno == EINTR) continue;
        if (result <= 0) return false;
        written += (size_t)result;
    }
    request->body_count += count;
    extend_deadline(request, count);
    return true;
}

// Answers.

/// What makes a response while it is sent.
typedef struct {
    mhd_response *response;
    connection *connection;
    void *owner;
    intptr_t (*read)(void *owner, char *buffer, size_t capacity);
    void (*release)(void *owner);
} response_source;

static ssize_t make_piece(void *context, uint64_t position, char *buffer, size_t capacity) {
    (void)position;
    response_source *source = context;
    intptr_t count = source->read(source->owner, buffer, capacity);
    if (count < 0) return MHD_CONTENT_READER_END_WITH_ERROR;
    if (count == 0) return MHD_CONTENT_READER_END_OF_STREAM;
    // It is asked for only when what came before has been taken.
    connection_enter(
        source->connection, phase_response,
        source->connection->server->configuration.response_deadline_ms);
    return (ssize_t)count;
}

static void release_source(void *context) {
    response_source *source = context;
    source->release(source->owner);
    response_free(source->response);
    free(source);
}

mhd_response *mhd_response_create_made(
    mhd_request *request, void *owner,
    intptr_t (*read)(void *owner, char *buffer, size_t capacity),
    void (*release)(void *owner)) {
    response_source *source = calloc(1, sizeof(response_source));
    mhd_response *response = source ? response_create(0) : NULL;
    if (response) {
        *source = (response_source){
            .response = response,
            .connection = request->connection,
            .owner = owner,
            .read = read,
            .release = release,
        };
        response->handle = MHD_create_response_from_callback(
            MHD_SIZE_UNKNOWN, piece_bytes, make_piece, source, release_source);
        if (response->handle) return response;
        free(response);
    }
    free(source);
    return NULL;
}
