/// The server: its start and stop, and what libmicrohttpd tells of connections.

#include "internal.h"

#include <limits.h>
#include <microhttpd.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#pragma mark - The life of requests and connections

connection *connection_of(struct MHD_Connection *handle) {
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(handle, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    return info ? info->socket_context : NULL;
}

/// The request line has arrived. libmicrohttpd decodes the target in place after this call, so it
/// is copied now.
static void *on_target(void *argument, const char *target, struct MHD_Connection *handle) {
    (void)argument;
    connection *opened = connection_of(handle);
    mhd_request *request = opened ? request_create(target, strlen(target)) : NULL;
    if (!request) return NULL;
    request->connection = opened;
    request->handle = handle;
    opened->request = request;
    return request;
}

static void on_completed(
    void *argument, struct MHD_Connection *handle, void **state,
    enum MHD_RequestTerminationCode reason) {
    (void)argument;
    (void)handle;
    (void)reason;
    mhd_request *request = *state;
    *state = NULL;
    if (!request) return;
    request->connection->request = NULL;
    request_drop_body(request);
    connection_enter(
        request->connection, phase_idle, idle_budget_ms(request->connection->server));
    mhd_request_release(request);
}

static void on_connection(
    void *argument, struct MHD_Connection *handle, void **state,
    enum MHD_ConnectionNotificationCode code) {
    worker *owner = argument;
    if (code == MHD_CONNECTION_NOTIFY_CLOSED) {
        if (*state) connection_close(*state);
        *state = NULL;
        atomic_fetch_sub_explicit(&owner->connection_count, 1, memory_order_relaxed);
        return;
    }
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(handle, MHD_CONNECTION_INFO_CONNECTION_FD);
    const union MHD_ConnectionInfo *client =
        MHD_get_connection_info(handle, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    *state = info
        ? connection_open(owner->server, info->connect_fd, client ? client->client_addr : NULL)
        : NULL;
    connection *opened = *state;
    mhd_tls *tls = owner->server->configuration.tls;
    if (opened && tls) opened->credentials = tls_begin(tls, handle);
}

/// Leaves the target alone: the service decodes its copy, once.
static size_t keep_escapes(void *argument, struct MHD_Connection *handle, char *text) {
    (void)argument;
    (void)handle;
    return strlen(text);
}

static void on_log(void *argument, const char *format, va_list arguments) {
    mhd_server *server = argument;
    bool is_hushed = hushes_next_line;
    hushes_next_line = false;
    if (is_hushed) return;
    char line[512];
    int count = vsnprintf(line, sizeof(line), format, arguments);
    if (count < 0) return;
    size_t length = strlen(line);
    while (length > 0 && line[length - 1] == '\n') line[--length] = 0;
    server->callbacks.log(server->context, line);
}

/// libmicrohttpd found its own state broken. Serving on would be guessing.
static void on_panic(void *argument, const char *file, unsigned int line, const char *reason) {
    (void)argument;
    char text[512];
    int count = snprintf(
        text, sizeof(text), "libmicrohttpd stopped the process at %s:%u: %s\n", file, line,
        reason ? reason : "no reason given");
    // Where nobody reads, nothing is written: the end must not wait for a reader.
    struct pollfd output = {.fd = STDERR_FILENO, .events = POLLOUT};
    if (count > 0 && poll(&output, 1, 1000) == 1) {
        size_t length = (size_t)count < sizeof(text) ? (size_t)count : sizeof(text) - 1;
        if (write(STDERR_FILENO, text, length) < 0) abort();
    }
    abort();
}

#pragma mark - Start and stop

static struct MHD_Daemon *start_daemon(worker *owner) {
    mhd_server *server = owner->server;
    const mhd_configuration *configuration = &server->configuration;
    unsigned int flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_ITC | MHD_USE_ERROR_LOG
        | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_NO_LISTEN_SOCKET;
    bool speaks_tls = configuration->tls != NULL;
    if (speaks_tls) flags |= MHD_USE_TLS;
    struct MHD_OptionItem secure[] = {
        {speaks_tls ? MHD_OPTION_HTTPS_PRIORITIES : MHD_OPTION_END, 0, (void *)tls_priorities},
        {MHD_OPTION_HTTPS_CERT_CALLBACK, 0, tls_certificate_source()},
        {MHD_OPTION_END, 0, NULL},
    };
    return MHD_start_daemon(
        flags, 0, NULL, NULL, on_request, server,
        // First, so that trouble with the other options is logged too.
        MHD_OPTION_EXTERNAL_LOGGER, on_log, (void *)server,
        MHD_OPTION_URI_LOG_CALLBACK, on_target, (void *)server,
        MHD_OPTION_UNESCAPE_CALLBACK, keep_escapes, (void *)server,
        MHD_OPTION_NOTIFY_COMPLETED, on_completed, (void *)server,
        MHD_OPTION_NOTIFY_CONNECTION, on_connection, (void *)owner,
        // The acceptor counts over all workers.
        MHD_OPTION_CONNECTION_LIMIT, (unsigned int)INT_MAX,
        MHD_OPTION_CONNECTION_TIMEOUT, configuration->idle_timeout_s,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, configuration->connection_memory_bytes,
#if MHD_VERSION >= 0x00097701
        MHD_OPTION_CLIENT_DISCIPLINE_LVL, 2,
#else
        // The guard is stricter, and answers with the service's error.
        MHD_OPTION_STRICT_FOR_CLIENT, 0,
#endif
        MHD_OPTION_ARRAY, secure, MHD_OPTION_END);
}

static void stop_workers(mhd_server *server) {
    for (unsigned int i = 0; i < server->worker_count; i++)
        MHD_stop_daemon(server->workers[i].daemon);
    free(server->workers);
    server->workers = NULL;
}

static bool start_workers(mhd_server *server) {
    unsigned int count = server->configuration.threads;
    server->workers = calloc(count, sizeof(worker));
    if (!server->workers) return false;
    while (server->worker_count < count) {
        worker *started = &server->workers[server->worker_count];
        started->server = server;
        started->daemon = start_daemon(started);
        if (!started->daemon) {
            stop_workers(server);
            return false;
        }
        server->worker_count++;
    }
    return true;
}

static mhd_server *server_create(
    const mhd_configuration *configuration, const mhd_callbacks *callbacks, void *context) {
    mhd_server *server = calloc(1, sizeof(mhd_server));
    if (!server) return NULL;
    atomic_init(&server->references, 1);
    atomic_init(&server->is_draining, false);
    server->configuration = *configuration;
    server->callbacks = *callbacks;
    server->context = context;
    server->listener = -1;
    if (configuration->tls) tls_retain(configuration->tls);
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&server->changed, &monotonic);
    pthread_condattr_destroy(&monotonic);
    pthread_mutex_init(&server->lock, NULL);
    LIST_INIT(&server->connections);
    TAILQ_INIT(&server->headless);
    TAILQ_INIT(&server->deferred);
    LIST_INIT(&server->streams);
    return server;
}

void server_release(mhd_server *server) {
    if (atomic_fetch_sub_explicit(&server->references, 1, memory_order_acq_rel) != 1) return;
    if (server->configuration.tls) mhd_tls_release(server->configuration.tls);
    pthread_cond_destroy(&server->changed);
    pthread_mutex_destroy(&server->lock);
    free(server);
}

/// The acceptor last: it hands over to the workers.
static bool start_threads(mhd_server *server) {
    bool lingers = linger_start(server);
    bool watches = lingers && watchdog_start(server);
    bool has_workers = watches && start_workers(server);
    if (has_workers && acceptor_start(server)) return true;
    if (has_workers) stop_workers(server);
    if (watches) watchdog_stop(server);
    if (lingers) linger_stop(server);
    return false;
}

mhd_server *mhd_server_start(
    const mhd_configuration *configuration, const mhd_callbacks *callbacks, void *context,
    mhd_start_report *report) {
    *report = (mhd_start_report){.failure = mhd_start_failure_daemon};
    mhd_server *server = direct_prepare() ? server_create(configuration, callbacks, context) : NULL;
    if (!server) return NULL;
    server->configuration.connection_limit = fit_connections(configuration->connection_limit);
    if (server->configuration.connection_limit < configuration->threads) {
        report->failure = mhd_start_failure_descriptors;
        report->needed_descriptors = descriptors_for(configuration->threads);
        server_release(server);
        return NULL;
    }
    server->listener = listener_open(configuration, &server->port, report);
    // The host is only borrowed, and needed no longer.
    server->configuration.host = "";
    if (server->listener < 0) {
        server_release(server);
        return NULL;
    }
    MHD_set_panic_func(on_panic, NULL);
    if (!start_threads(server)) {
        close(server->listener);
        server_release(server);
        return NULL;
    }
    report->failure = mhd_start_failure_none;
    return server;
}

uint16_t mhd_server_port(const mhd_server *server) { return server->port; }

unsigned int mhd_server_connection_limit(const mhd_server *server) {
    return server->configuration.connection_limit;
}

size_t mhd_server_in_flight(mhd_server *server) { return server_count_phases(server, phase_body); }

size_t mhd_server_connection_count(mhd_server *server) {
    return server_count_phases(server, phase_head);
}

void mhd_server_stop_accepting(mhd_server *server) {
    if (atomic_exchange(&server->is_draining, true)) return;
    acceptor_stop(server);
}

/// Waits until answers under way have left, but not for clients that do not read.
static void wait_for_answers(mhd_server *server) {
    uint64_t end = monotonic_ms() + 1000;
    while (server_count_phases(server, phase_handler) > 0 && monotonic_ms() < end) usleep(2000);
}

void mhd_server_stop(mhd_server *server) {
    mhd_server_stop_accepting(server);
    pthread_mutex_lock(&server->lock);
    server->is_stopping = true;
    pthread_mutex_unlock(&server->lock);
    server_refuse_deferred(server, mhd_refusal_stopping, UINT64_MAX);
    // Someone else may be in the middle of answering.
    pthread_mutex_lock(&server->lock);
    while (!TAILQ_EMPTY(&server->deferred) || server->refusals_under_way > 0)
        pthread_cond_wait(&server->changed, &server->lock);
    pthread_mutex_unlock(&server->lock);
    server_finish_streams(server);
    wait_for_answers(server);
    watchdog_stop(server);
    pthread_mutex_lock(&server->lock);
    server->stops_daemon = true;
    pthread_mutex_unlock(&server->lock);
    stop_workers(server);
    linger_stop(server);
    server_release(server);
}
