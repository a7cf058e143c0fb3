/// What the shim's files share. libmicrohttpd's own header stays in the `.c` files.
#pragma once

#include "CMicroHTTPD.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/queue.h>

struct MHD_Connection;
struct MHD_Daemon;
struct MHD_Response;
struct sockaddr;

/// One header field. Both slices point into the connection's buffer, or are owned when detached.
typedef struct {
    const char *name;
    const char *value;
    uint32_t name_count;
    uint32_t value_count;
} field;

/// Most requests carry fewer fields; more are kept on the heap.
enum { inline_field_count = 24 };

/// Where a connection is: before its first head, between two requests, or amid one. The watchdog
/// and the in-flight count read it.
typedef enum {
    phase_head,
    phase_idle,
    phase_body,
    phase_handler,
    phase_response,
} connection_phase;

enum { phase_bits = 3, address_chain_count = 256 };

LIST_HEAD(address_chain, connection);

/// One thread of libmicrohttpd with the connections that it serves. No other touches them, so the
/// threads share no lock on the way of a request.
typedef struct {
    mhd_server *server;
    struct MHD_Daemon *daemon;
    atomic_uint connection_count; ///< From the accept to the close.
} worker;

/// A certificate chain and its key, as a session uses them. Reference-counted.
typedef struct credentials credentials;

/// One accepted socket, from its first to its last moment.
typedef struct connection {
    LIST_ENTRY(connection) link; ///< Under the server's lock.
    mhd_server *server;
    int socket;
    uint64_t opened_ms;
    uint8_t address[16];

    // Its thread's own.
    bool has_head;        ///< A complete head has come.
    bool closes;          ///< Ends after the answer under way.
    bool lingers;         ///< More of the request may come when it ends.
    mhd_refusal refusal;  ///< Why its requests are refused: with the head it found no place.
    mhd_request *request; ///< The one under way, from its target to its end.
    credentials *credentials; ///< Of its TLS session; NULL without TLS.

    // Under the server's lock.
    bool has_place;   ///< It counts against the limits.
    bool is_ended;    ///< It gave way to others.
    bool is_headless; ///< It is in the server's queue of that name.
    TAILQ_ENTRY(connection) headless_link;
    LIST_ENTRY(connection) address_link; ///< With a place, if there is a limit for one address.

    /// `deadline_ms << 3 | phase`; deadline 0 means none. One word, so that a reader never sees the
    /// phase of one moment with the deadline of another.
    _Atomic uint64_t state;
} connection;

/// Where a body goes instead of into memory; without an owner nowhere.
typedef struct {
    int file;
    void *owner;
    void (*release)(void *owner);
    uint64_t deadline_ms;
    uint64_t spare_bytes; ///< Too few for a further millisecond.
} body_spool;

/// How far the access handler has come with a request.
typedef enum { stage_head, stage_body, stage_handled } request_stage;

/// Who has the answer: the callback is running, the connection sleeps, or the answer is there.
enum { answer_open, answer_suspended, answer_ready };

struct mhd_request {
    atomic_int references;
    atomic_int answer;
    atomic_flag is_claimed; ///< Set by the one who may answer.
    request_stage stage;
    mhd_method method;
    bool closes; ///< The connection ends after this answer.
    bool is_chunked;
    bool has_body;
    bool has_unexpected_body; ///< The method takes none.
    bool is_out_of_memory;
    bool is_detached;
    bool is_deferred;
    bool is_waiting; ///< Deferred and nobody is answering yet. Under the server's lock.
    uint64_t content_length;
    uint64_t body_limit;

    connection *connection;
    struct MHD_Connection *handle;
    mhd_server *server; ///< Retained once deferred.
    TAILQ_ENTRY(mhd_request) deferred_link; ///< Under the server's lock.
    uint64_t answer_deadline_ms;

    unsigned int status;
    mhd_response *response;

    uint8_t *body;
    size_t body_count;
    size_t body_capacity;
    body_spool spool;
    size_t body_memory; ///< What was taken for it with `take_memory`.

    /// Where the target stood in the connection's buffer: an address to compare, not to read.
    const char *target_position;
    size_t target_count;
    size_t field_count;
    size_t field_capacity;
    field *fields;
    field inline_fields[inline_field_count];
    char target[];
};

/// The body lies behind it, somebody else owns it, or it comes from a stream.
struct mhd_response {
    struct MHD_Response *handle; ///< Frees the rest with itself.
    const char *bytes;
    size_t count;
    void *owner; ///< Of a borrowed body.
    void (*release)(void *owner);

    /// Room for the date, then `line_end line_end name ": " value` for each field.
    char *fields;
    size_t field_count;
    size_t field_capacity;
    char *own_fields; ///< NULL while they fit behind the body.
    char room[];
};

struct mhd_server {
    atomic_int references;
    mhd_configuration configuration;
    mhd_callbacks callbacks;
    void *context;
    worker *workers;
    unsigned int worker_count; ///< Of those that were started.
    int listener;
    uint16_t port;
    pthread_t acceptor;
    atomic_bool is_draining;

    pthread_mutex_t lock;
    pthread_cond_t changed;
    LIST_HEAD(, connection) connections;
    TAILQ_HEAD(, connection) headless; ///< No complete head yet; the oldest first.
    struct address_chain by_address[address_chain_count]; ///< Those with a place.
    unsigned int open_count; ///< Without those that gave way and are not closed yet.
    unsigned int taken_places;
    TAILQ_HEAD(, mhd_request) deferred;
    LIST_HEAD(, mhd_stream) streams;
    unsigned int refusals_under_way; ///< Calls of `refuse` for deferred requests.
    bool is_stopping;
    bool stops_daemon;
    bool ends_watchdog;
    pthread_t watchdog;

    int lingering[2]; ///< A pipe of sockets to `lingerer`.
    pthread_t lingerer;
};

// watchdog.c
uint64_t monotonic_ms(void);

// listener.c
int listener_open(const mhd_configuration *configuration, uint16_t *port, mhd_start_report *report);

// acceptor.c
bool acceptor_start(mhd_server *server);
/// Refuses new connections from now on. Expects `is_draining`.
void acceptor_stop(mhd_server *server);

// guard.c
/// Checks a head whose fields have been collected; sets method, length and chunking.
mhd_refusal guard_head(
    mhd_request *request, const char *method, const char *version, size_t head_bytes);

// request.c
mhd_request *request_create(const char *target, size_t target_count);
bool request_collect_field(
    mhd_request *request, const char *name, size_t name_count, const char *value,
    size_t value_count);
void request_retain(mhd_request *request);
/// Lets go of the body and its memory. On the connection's thread, before the connection closes.
void request_drop_body(mhd_request *request);
/// Refuses every deferred request whose deadline is not after `deadline_ms`.
void server_refuse_deferred(mhd_server *server, mhd_refusal reason, uint64_t deadline_ms);
void server_release(mhd_server *server);

// response.c
/// Makes an answer that has no handle yet, and room for a body. NULL if there is no memory.
mhd_response *response_create(size_t count);
void response_free(mhd_response *response);
/// Gives the fields to libmicrohttpd; none can be added any more. False if there is no memory.
bool response_finish(mhd_response *response);
/// Writes the fields as they go over the wire; none can be added any more.
void response_write_fields(mhd_response *response, FILE *file);

// direct.c
/// False where libmicrohttpd cannot be reached past its errors.
bool direct_prepare(void);
/// What `MHD_queue_response` is in libmicrohttpd.
int library_queue_response(
    struct MHD_Connection *handle, unsigned int status, const mhd_response *response);
/// Sends the service's refusal past libmicrohttpd, and nothing after it.
void refuse_directly(mhd_request *request, mhd_refusal reason);

// linger.c
bool linger_start(mhd_server *server);
/// Takes a copy of a socket that is about to be closed, and closes that when the client has read
/// the answer, as far as can be told.
void linger(mhd_server *server, int socket);
/// Waits for at most a second.
void linger_stop(mhd_server *server);
/// How many sockets linger at once.
unsigned int linger_capacity(unsigned int connection_limit);

// exchange.c
/// libmicrohttpd is about to call a refusal of ours an internal error.
extern _Thread_local bool hushes_next_line;
enum MHD_Result on_request(
    void *argument, struct MHD_Connection *handle, const char *url, const char *method,
    const char *version, const char *upload, size_t *upload_count, void **state);

// tls.c
extern const char tls_priorities[];
void tls_retain(mhd_tls *tls);
/// Gives a new session the certificate of this moment, which must outlive it.
credentials *tls_begin(mhd_tls *tls, struct MHD_Connection *handle);
void credentials_release(credentials *released);
/// Sends bytes and that no more will come. False without TLS.
bool tls_send_last(struct MHD_Connection *handle, const char *bytes, size_t count);
/// What libmicrohttpd wants to start with.
void *tls_certificate_source(void);

// server.c
connection *connection_of(struct MHD_Connection *handle);

// spool.c
/// False if the disk does not take it.
bool request_spool_piece(mhd_request *request, const char *bytes, size_t count);
void request_end_spool(mhd_request *request);

// stream.c
/// Ends streams whose client has left.
void server_cut_streams(mhd_server *server);
/// Ends all streams behind what is pending.
void server_finish_streams(mhd_server *server);

// watchdog.c
bool watchdog_start(mhd_server *server);
void watchdog_stop(mhd_server *server);
/// From the end of an answer to the end of the next head.
uint64_t idle_budget_ms(const mhd_server *server);

// connections.c
/// How many connections are accepted beyond the places, so that they can be answered.
unsigned int connection_reserve(unsigned int limit);
/// How many files a process with that connection limit may have to open.
uint64_t descriptors_for(unsigned int limit);
/// How many connections, `wanted` at most, fit into the files that the process may open, of which
/// it raises the soft limit.
unsigned int fit_connections(unsigned int wanted);
connection *connection_open(mhd_server *server, int socket, const struct sockaddr *address);
/// A complete head is here. The first takes a place, or else is to be refused; the connection gives
/// way to no other from now on. False if it has done so already.
bool connection_take_head(connection *taken);
/// Ends connections without a head while there are more connections than places.
void server_make_room(mhd_server *server);
void connection_close(connection *closed);
void connection_enter(connection *entered, connection_phase phase, uint64_t budget_ms);
size_t server_count_phases(mhd_server *server, connection_phase first);
