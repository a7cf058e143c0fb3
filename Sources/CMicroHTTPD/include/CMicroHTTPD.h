/// Transport over libmicrohttpd: bytes in, bytes out, ambiguous framing refused.
///
/// No routes, no JSON, no status choice: every answer, refusals too, comes from the callbacks.
/// Nothing of libmicrohttpd is visible here.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#pragma clang assume_nonnull begin

/// A listening server. Its functions may be called from any thread.
typedef struct mhd_server mhd_server;

/// One request. Reference-counted: the connection holds one reference until the request is over,
/// a deferred answer holds another.
typedef struct mhd_request mhd_request;

/// An answer that has not been sent yet.
typedef struct mhd_response mhd_response;

/// The body of an answer, sent piece by piece. Its functions may be called from any thread.
typedef struct mhd_stream mhd_stream;

/// Who a server is to its clients over TLS: a certificate chain and its key, which may be replaced.
/// Reference-counted. Its functions may be called from any thread.
typedef struct mhd_tls mhd_tls;

/// A run of bytes that somebody else owns. Not terminated.
typedef struct {
    const char *_Nullable bytes;
    size_t count;
} mhd_slice;

typedef enum __attribute__((enum_extensibility(closed))) mhd_method : int {
    mhd_method_get,
    mhd_method_head,
    mhd_method_post,
    mhd_method_put,
    mhd_method_patch,
    mhd_method_delete,
    mhd_method_options,
    mhd_method_trace,
    mhd_method_query,
    mhd_method_unknown,
} mhd_method;

/// Why the transport will not hand a request to the service.
typedef enum __attribute__((enum_extensibility(closed))) mhd_refusal : int {
    mhd_refusal_none,
    mhd_refusal_malformed_head,
    mhd_refusal_malformed_chunk,
    mhd_refusal_target_too_long,
    mhd_refusal_head_too_large,
    mhd_refusal_unsupported_version,
    mhd_refusal_unsupported_method,
    mhd_refusal_bad_target,
    mhd_refusal_bad_field,
    mhd_refusal_bad_host,
    mhd_refusal_repeated_field,
    mhd_refusal_bad_content_length,
    mhd_refusal_conflicting_length,
    mhd_refusal_unsupported_transfer_coding,
    mhd_refusal_length_required,
    mhd_refusal_unexpected_body,
    mhd_refusal_unsupported_content_coding,
    mhd_refusal_unsupported_expectation,
    mhd_refusal_body_too_large,
    mhd_refusal_out_of_memory,
    mhd_refusal_storage_full,
    mhd_refusal_answer_overdue,
    mhd_refusal_answer_missing,
    mhd_refusal_stopping,
    mhd_refusal_connections_full,
    mhd_refusal_address_connections_full,
} mhd_refusal;

/// What became of a connection for which there was no place.
typedef enum __attribute__((enum_extensibility(closed))) mhd_turned_away : int {
    mhd_turned_away_without_head,     ///< Ended: it had sent no complete head, and others came.
    mhd_turned_away_connections_full, ///< To be refused: all places are taken.
    mhd_turned_away_address_full,     ///< To be refused: its address has all it may have.
} mhd_turned_away;

/// What the server calls, on any of its threads, several at once. A borrowed request dies with the
/// call unless `mhd_request_defer` says otherwise.
typedef struct {
    /// The head is complete and well formed, the body has not been read. Returns the largest body
    /// in bytes that may follow, or a negative number after `mhd_request_answer` refused it.
    int64_t (*admit)(void *context, mhd_request *request);
    /// The request is complete. Answers it, or defers it.
    void (*respond)(void *context, mhd_request *request);
    /// The transport says no. Must answer.
    void (*refuse)(void *context, mhd_request *request, mhd_refusal reason);
    /// A body needs so much more memory than what is small. False: there is none now.
    bool (*take_memory)(void *context, size_t bytes);
    /// What a body had taken is free again.
    void (*return_memory)(void *context, size_t bytes);
    /// A connection found no place.
    void (*turn_away)(void *context, mhd_turned_away how);
    /// One line from libmicrohttpd.
    void (*log)(void *context, const char *line);
} mhd_callbacks;

typedef struct {
    const char *host;
    uint16_t port;
    unsigned int threads;
    unsigned int connection_limit;  ///< Of those whose requests are served; lowered if it must be.
    unsigned int per_address_limit; ///< 0 means no limit.
    unsigned int idle_timeout_s;    ///< Silence after which a connection is closed.
    uint64_t header_deadline_ms;    ///< From the start of a connection to its first complete head.
    uint64_t body_deadline_ms;      ///< From the head to the end of the body.
    uint64_t response_deadline_ms;  ///< From the answer to its last byte.
    uint64_t linger_deadline_ms;    ///< From a refusal to the end of what the client still sends.
    size_t connection_memory_bytes;
    unsigned int backlog;
    bool keeps_chunked_connections;
    mhd_tls *_Nullable tls; ///< Retained; NULL to speak in the clear.
} mhd_configuration;

typedef enum __attribute__((enum_extensibility(closed))) mhd_start_failure : int {
    mhd_start_failure_none,
    mhd_start_failure_bad_host,
    mhd_start_failure_listen,      ///< `error_number` says why.
    mhd_start_failure_descriptors, ///< `needed_descriptors` is the least that will do.
    mhd_start_failure_daemon,      ///< libmicrohttpd logged why.
} mhd_start_failure;

typedef struct {
    mhd_start_failure failure;
    int error_number;
    uint64_t needed_descriptors;
} mhd_start_report;

/// Starts listening; raises the soft limit of open files as far as the connections need and the
/// hard one allows. NULL on failure, which `report` explains. `context` must live until
/// `mhd_server_stop` returns.
mhd_server *_Nullable mhd_server_start(
    const mhd_configuration *configuration, const mhd_callbacks *callbacks, void *context,
    mhd_start_report *report);

/// The port that the server listens on.
uint16_t mhd_server_port(const mhd_server *server);

/// The connection limit: as configured, or less where the process may not open that many files.
unsigned int mhd_server_connection_limit(const mhd_server *server);

/// Refuses new connections from now on; every further answer closes its connection.
void mhd_server_stop_accepting(mhd_server *server);

/// Requests whose head has arrived and whose answer has not been sent completely.
size_t mhd_server_in_flight(mhd_server *server);

/// Connections that are open, idle ones too.
size_t mhd_server_connection_count(mhd_server *server);

/// Answers what is deferred with `mhd_refusal_stopping`, lets answers under way leave for at most a
/// second, closes every connection, joins every thread and frees the server.
void mhd_server_stop(mhd_server *server);

// TLS.

typedef enum __attribute__((enum_extensibility(closed))) mhd_tls_failure : int {
    mhd_tls_failure_none,
    mhd_tls_failure_bad_certificate,
    mhd_tls_failure_expired,
    mhd_tls_failure_not_yet_valid,
    mhd_tls_failure_bad_key,
    mhd_tls_failure_encrypted_key,
    mhd_tls_failure_mismatch,
    mhd_tls_failure_out_of_memory,
} mhd_tls_failure;

/// NULL if there is no memory. It has no certificate yet.
mhd_tls *_Nullable mhd_tls_create(void);
/// Takes a certificate chain and its key, as PEM, for connections from now on. Tells when the
/// certificate expires, in seconds since 1970. Nothing has changed after a failure.
mhd_tls_failure mhd_tls_use(
    mhd_tls *tls, mhd_slice certificate, mhd_slice key, int64_t *expires);
void mhd_tls_release(mhd_tls *tls);
/// Asks a server over TLS, on a connected socket that blocks, and checks no certificate. Returns
/// how many bytes of the answer came.
size_t mhd_tls_ask(int socket, mhd_slice request, char *answer, size_t capacity);

// Requests. Slices live as long as the request's callback.

mhd_method mhd_request_method(const mhd_request *request);
/// The target as it was sent: an origin form of visible ASCII.
mhd_slice mhd_request_target(const mhd_request *request);
/// The body; empty in `admit`.
mhd_slice mhd_request_body(const mhd_request *request);
/// The next value of a field after position `*index`, which starts at 0 and moves past the match.
/// `name` is lower-case. `bytes` is NULL when there is none.
mhd_slice mhd_request_field(
    const mhd_request *request, const char *name, size_t name_count, size_t *index);
/// Writes the client's numeric address into `buffer`. False where there is no socket.
bool mhd_request_client_address(mhd_request *request, char *buffer, size_t capacity);

/// Opens a file without a name on the disk of a directory, to read and write; -1 if it cannot.
int mhd_spool_open(const char *directory);
/// In `admit`: the body goes into `file`, from where that stands, and not into memory; the slower
/// it comes the shorter it may last. `release` is called with `owner`, once, when the request is
/// gone.
void mhd_request_spool(
    mhd_request *request, int file, void *owner, void (*release)(void *_Nullable owner));
/// What the body was spooled for; NULL if it was not.
void *_Nullable mhd_request_spool_owner(const mhd_request *request);

/// Announces an answer that comes after the callback, from any thread. Takes a reference for
/// whoever answers. False while the server is stopping: then nothing was taken. If no answer has
/// come within `deadline_ms` the transport refuses the request with `mhd_refusal_answer_overdue`.
bool mhd_request_defer(mhd_request *request, uint64_t deadline_ms);
/// Sends `response`, which it takes over (NULL closes the connection). False, and nothing is sent,
/// if the request has been answered before.
bool mhd_request_answer(
    mhd_request *request, unsigned int status, mhd_response *_Nullable response);
/// True if a deferred request was answered already, or its client hung up.
bool mhd_request_is_abandoned(mhd_request *request);
/// Gives the reference of a deferred answer back. A request that is still unanswered is refused
/// with `mhd_refusal_answer_missing`.
void mhd_request_drop(mhd_request *request);
/// Gives the reference of a detached request back.
void mhd_request_release(mhd_request *request);

/// A request without a socket, for tests of a service. Copies what it is given; the caller holds
/// its only reference.
mhd_request *_Nullable mhd_request_create_detached(
    mhd_method method, const char *target, size_t target_count);
bool mhd_request_add_field(
    mhd_request *request, const char *name, size_t name_count, const char *value,
    size_t value_count);
bool mhd_request_append_body(mhd_request *request, const void *bytes, size_t count);

// Responses.

/// Copies `bytes`. NULL if there is no memory.
mhd_response *_Nullable mhd_response_create(const void *_Nullable bytes, size_t count);
/// Borrows `bytes` until it calls `release`, once, with `owner`. NULL, and nothing was called, if
/// there is no memory.
mhd_response *_Nullable mhd_response_create_borrowing(
    const void *bytes, size_t count, void *owner, void (*release)(void *_Nullable owner));
/// The bytes come from `read` as the client takes them, on the connection's thread: it returns how
/// many it has written, 0 at the end, less to break off. `release` is called with `owner`, once.
/// NULL, and nothing was called, if there is no memory.
mhd_response *_Nullable mhd_response_create_made(
    mhd_request *request, void *owner,
    intptr_t (*read)(void *_Nullable owner, char *_Nullable buffer, size_t capacity),
    void (*release)(void *_Nullable owner));
/// False if the field is not one that HTTP can carry. `Date`, `Content-Length` and `Connection` are
/// added by the server.
bool mhd_response_add_field(
    mhd_response *response, const void *_Nullable name, size_t name_count,
    const void *_Nullable value, size_t value_count);
void mhd_response_destroy(mhd_response *response);

// Streams.

/// A stream for a deferred request, and the response that carries it, to be answered with at once.
/// The connection closes behind it. NULL if there is no memory.
mhd_stream *_Nullable mhd_stream_create(
    mhd_request *request, mhd_response *_Nullable *_Nonnull response);
/// Copies at least one byte. False, and nothing is kept, if the stream is over or finished, or
/// holds too much that the client has not read.
bool mhd_stream_send(mhd_stream *stream, const void *bytes, size_t count);
/// Bytes that libmicrohttpd has not taken yet.
size_t mhd_stream_pending(mhd_stream *stream);
/// True once nothing can reach the client any more.
bool mhd_stream_is_over(mhd_stream *stream);
/// Ends the body behind what is pending.
void mhd_stream_finish(mhd_stream *stream);
/// From now on, if the stream is released or the server stops before it is finished, the connection
/// breaks off, so that the client does not take a part of the body for all of it.
void mhd_stream_require_whole(mhd_stream *stream);
/// Finishes the stream, unless it had to be finished before, and gives the creator's reference
/// back.
void mhd_stream_release(mhd_stream *stream);

#pragma clang assume_nonnull end
