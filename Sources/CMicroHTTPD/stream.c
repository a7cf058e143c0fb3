/// Streams: answers whose body comes piece by piece, from any thread.
///
/// libmicrohttpd asks for bytes when the socket takes some; while there are none the connection is
/// suspended, so a stream holds no thread. It does not look at suspended connections, so the
/// watchdog looks for clients that have left.

#define _GNU_SOURCE  // POLLRDHUP
#include "internal.h"

#include <microhttpd.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/// What a client that does not read can make the server hold.
enum { stream_capacity = 64 * 1024, piece_bytes = 4 * 1024 };

struct mhd_stream {
    atomic_int references; ///< One of who sends, one of libmicrohttpd's response.
    mhd_server *server;    ///< Retained.
    mhd_response *response; ///< Freed when the connection lets go of it.
    connection *connection;
    struct MHD_Connection *handle;
    LIST_ENTRY(mhd_stream) link; ///< Under the server's lock.
    atomic_bool is_suspended;    ///< Written under `lock`.
    atomic_bool is_cut;          ///< The client has left or gets no more; pending bytes go.
    atomic_bool is_finished;     ///< Nothing follows what is pending. Written under `lock`.
    atomic_bool is_whole;        ///< Worth something as a whole only: ending it early cuts it.
    bool is_polled;              ///< Of the watchdog alone.
    bool has_begun;              ///< Of libmicrohttpd's thread alone.

    pthread_mutex_t lock;
    bool is_over; ///< The connection has let go of the response.
    uint8_t *bytes;
    size_t count;
};

static void stream_release(mhd_stream *stream) {
    if (atomic_fetch_sub_explicit(&stream->references, 1, memory_order_acq_rel) != 1) return;
    server_release(stream->server);
    pthread_mutex_destroy(&stream->lock);
    free(stream->bytes);
    free(stream);
}

/// Expects the stream's lock.
static void wake(mhd_stream *stream) {
    if (!atomic_exchange_explicit(&stream->is_suspended, false, memory_order_acq_rel)) return;
    // A suspended connection is not freed, so its handle lives until it is resumed here.
    MHD_resume_connection(stream->handle);
}

/// For a peer that vanishes without a word: the kernel gives up on what is not confirmed in time.
static void limit_silence(const mhd_stream *stream) {
    unsigned int milliseconds = (unsigned int)stream->server->configuration.response_deadline_ms;
    setsockopt(
        stream->connection->socket, IPPROTO_TCP, TCP_USER_TIMEOUT, &milliseconds,
        sizeof(milliseconds));
}

static ssize_t read_pending(void *context, uint64_t position, char *buffer, size_t capacity) {
    (void)position;
    mhd_stream *stream = context;
    ssize_t result = 0;
    if (!stream->has_begun) limit_silence(stream);
    stream->has_begun = true;
    pthread_mutex_lock(&stream->lock);
    if (atomic_load_explicit(&stream->is_cut, memory_order_relaxed)) {
        result = MHD_CONTENT_READER_END_WITH_ERROR;
    } else if (stream->count > 0) {
        size_t count = stream->count < capacity ? stream->count : capacity;
        memcpy(buffer, stream->bytes, count);
        stream->count -= count;
        if (stream->count > 0) {
            memmove(stream->bytes, stream->bytes + count, stream->count);
        } else {
            free(stream->bytes);
            stream->bytes = NULL;
        }
        connection_enter(
            stream->connection, phase_response,
            stream->server->configuration.response_deadline_ms);
        result = (ssize_t)count;
    } else if (atomic_load_explicit(&stream->is_finished, memory_order_relaxed)) {
        result = MHD_CONTENT_READER_END_OF_STREAM;
    } else {
        connection_enter(stream->connection, phase_response, 0);
        MHD_suspend_connection(stream->handle);
        atomic_store_explicit(&stream->is_suspended, true, memory_order_release);
    }
    pthread_mutex_unlock(&stream->lock);
    return result;
}

/// The connection is done with the stream, one way or the other.
static void end_stream(void *context) {
    mhd_stream *stream = context;
    pthread_mutex_lock(&stream->lock);
    stream->is_over = true;
    stream->count = 0;
    free(stream->bytes);
    stream->bytes = NULL;
    pthread_mutex_unlock(&stream->lock);
    pthread_mutex_lock(&stream->server->lock);
    LIST_REMOVE(stream, link);
    pthread_mutex_unlock(&stream->server->lock);
    response_free(stream->response);
    stream_release(stream);
}

mhd_stream *mhd_stream_create(mhd_request *request, mhd_response **response) {
    mhd_stream *stream = calloc(1, sizeof(mhd_stream));
    if (stream) stream->response = response_create(0);
    if (!stream || !stream->response) {
        free(stream);
        return NULL;
    }
    atomic_init(&stream->references, 2);
    stream->server = request->server;
    stream->connection = request->connection;
    stream->handle = request->handle;
    // Nothing is gained from a connection that was used up for one stream.
    request->closes = true;
    pthread_mutex_init(&stream->lock, NULL);
    atomic_fetch_add_explicit(&stream->server->references, 1, memory_order_relaxed);
    pthread_mutex_lock(&stream->server->lock);
    LIST_INSERT_HEAD(&stream->server->streams, stream, link);
    pthread_mutex_unlock(&stream->server->lock);
    stream->response->handle = MHD_create_response_from_callback(
        MHD_SIZE_UNKNOWN, piece_bytes, read_pending, stream, end_stream);
    *response = stream->response->handle ? stream->response : NULL;
    if (*response) return stream;
    end_stream(stream);
    stream_release(stream);
    return NULL;
}

bool mhd_stream_send(mhd_stream *stream, const void *bytes, size_t count) {
    pthread_mutex_lock(&stream->lock);
    bool takes = !stream->is_over && count > 0 && count <= stream_capacity - stream->count
        && !atomic_load_explicit(&stream->is_cut, memory_order_relaxed)
        && !atomic_load_explicit(&stream->is_finished, memory_order_relaxed);
    uint8_t *grown = takes ? realloc(stream->bytes, stream->count + count) : NULL;
    if (grown) {
        memcpy(grown + stream->count, bytes, count);
        stream->bytes = grown;
        stream->count += count;
        wake(stream);
    }
    pthread_mutex_unlock(&stream->lock);
    return grown != NULL;
}

size_t mhd_stream_pending(mhd_stream *stream) {
    pthread_mutex_lock(&stream->lock);
    size_t count = stream->count;
    pthread_mutex_unlock(&stream->lock);
    return count;
}

bool mhd_stream_is_over(mhd_stream *stream) {
    pthread_mutex_lock(&stream->lock);
    bool is_over = stream->is_over || atomic_load_explicit(&stream->is_cut, memory_order_relaxed);
    pthread_mutex_unlock(&stream->lock);
    return is_over;
}

void mhd_stream_finish(mhd_stream *stream) {
    pthread_mutex_lock(&stream->lock);
    atomic_store_explicit(&stream->is_finished, true, memory_order_relaxed);
    wake(stream);
    pthread_mutex_unlock(&stream->lock);
}

/// Ends the body, whole or not.
static void end_early(mhd_stream *stream) {
    bool is_broken = atomic_load_explicit(&stream->is_whole, memory_order_acquire)
        && !atomic_load_explicit(&stream->is_finished, memory_order_acquire);
    if (is_broken) atomic_store_explicit(&stream->is_cut, true, memory_order_release);
    mhd_stream_finish(stream);
}

void mhd_stream_require_whole(mhd_stream *stream) {
    atomic_store_explicit(&stream->is_whole, true, memory_order_release);
}

void mhd_stream_release(mhd_stream *stream) {
    end_early(stream);
    stream_release(stream);
}

// The watchdog's part.

/// Asks the kernel about all suspended streams at once. Expects the server's lock, which keeps each
/// connection, and so its socket. Returns how many were cut.
static size_t cut_abandoned(mhd_server *server) {
    size_t count = 0, gone = 0;
    mhd_stream *each;
    LIST_FOREACH(each, &server->streams, link)
        if (atomic_load_explicit(&each->is_suspended, memory_order_acquire)) count++;
    struct pollfd *sockets = count > 0 ? calloc(count, sizeof(struct pollfd)) : NULL;
    // Without memory the next tick will do.
    if (!sockets) return 0;
    size_t i = 0;
    LIST_FOREACH(each, &server->streams, link) {
        each->is_polled =
            i < count && atomic_load_explicit(&each->is_suspended, memory_order_acquire);
        if (each->is_polled)
            sockets[i++] = (struct pollfd){.fd = each->connection->socket, .events = POLLRDHUP};
    }
    int found = poll(sockets, i, 0);
    i = 0;
    LIST_FOREACH(each, &server->streams, link) {
        if (found <= 0 || !each->is_polled || sockets[i++].revents == 0) continue;
        atomic_store_explicit(&each->is_cut, true, memory_order_release);
        gone++;
    }
    free(sockets);
    return gone;
}

/// Finishes streams that were not, all or the cut ones. Expects the server's lock and lets go of it
/// meanwhile, because libmicrohttpd's own locks come before it.
static void finish_streams(mhd_server *server, bool all) {
    for (;;) {
        mhd_stream *found;
        LIST_FOREACH(found, &server->streams, link) {
            bool is_meant = all || atomic_load_explicit(&found->is_cut, memory_order_acquire);
            if (is_meant && !atomic_load_explicit(&found->is_finished, memory_order_acquire)) break;
        }
        if (!found) return;
        atomic_fetch_add_explicit(&found->references, 1, memory_order_relaxed);
        pthread_mutex_unlock(&server->lock);
        end_early(found);
        stream_release(found);
        pthread_mutex_lock(&server->lock);
    }
}

void server_cut_streams(mhd_server *server) {
    pthread_mutex_lock(&server->lock);
    if (cut_abandoned(server) > 0) finish_streams(server, false);
    pthread_mutex_unlock(&server->lock);
}

void server_finish_streams(mhd_server *server) {
    pthread_mutex_lock(&server->lock);
    finish_streams(server, true);
    pthread_mutex_unlock(&server->lock);
}
