/// Absolute deadlines. libmicrohttpd's own timeout measures silence, so a client that sends a byte
/// a second could hold a connection for ever; the watchdog shuts such sockets down.

#include "internal.h"

#include <sys/socket.h>
#include <time.h>

enum { tick_ms = 100 }; ///< How late a deadline may be noticed.

uint64_t monotonic_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

uint64_t idle_budget_ms(const mhd_server *server) {
    return server->configuration.idle_timeout_s * UINT64_C(1000)
        + server->configuration.header_deadline_ms;
}

/// True if the client said with its last request that no more will come. libmicrohttpd reads the
/// request and that mark at once and forgets the mark, so the connection would stay until the idle
/// timeout. Looked for in the second after an answer; a mark that comes later is not missed.
static bool is_half_closed(const connection *idle, uint64_t deadline, uint64_t now) {
    uint64_t idle_ms = now + idle_budget_ms(idle->server) - deadline;
    // By two ticks libmicrohttpd has taken up whatever it had read.
    if (idle_ms < 2 * tick_ms || idle_ms > 1000) return false;
    char byte;
    return recv(idle->socket, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
}

/// Shuts down what is over its deadline, or was left half-closed. The lock keeps each socket open,
/// and so its number ours.
static void shut_overdue(mhd_server *server, uint64_t now) {
    connection *each;
    LIST_FOREACH(each, &server->connections, link) {
        uint64_t state = atomic_load_explicit(&each->state, memory_order_relaxed);
        uint64_t deadline = state >> phase_bits;
        bool is_overdue = deadline != 0 && deadline <= now;
        bool is_idle = (state & ((1 << phase_bits) - 1)) == phase_idle;
        if (is_overdue || (is_idle && is_half_closed(each, deadline, now)))
            shutdown(each->socket, SHUT_RDWR);
    }
}

static void *watch(void *argument) {
    mhd_server *server = argument;
    pthread_mutex_lock(&server->lock);
    while (!server->ends_watchdog) {
        if (LIST_EMPTY(&server->connections)) {
            pthread_cond_wait(&server->changed, &server->lock);
            continue;
        }
        shut_overdue(server, monotonic_ms());
        pthread_mutex_unlock(&server->lock);
        server_refuse_deferred(server, mhd_refusal_answer_overdue, monotonic_ms());
        server_cut_streams(server);
        server_make_room(server);
        pthread_mutex_lock(&server->lock);
        if (server->ends_watchdog) break;
        struct timespec wake;
        clock_gettime(CLOCK_MONOTONIC, &wake);
        wake.tv_nsec += tick_ms * 1000000L;
        wake.tv_sec += wake.tv_nsec / 1000000000L;
        wake.tv_nsec %= 1000000000L;
        pthread_cond_timedwait(&server->changed, &server->lock, &wake);
    }
    pthread_mutex_unlock(&server->lock);
    return NULL;
}

bool watchdog_start(mhd_server *server) {
    return pthread_create(&server->watchdog, NULL, watch, server) == 0;
}

void watchdog_stop(mhd_server *server) {
    pthread_mutex_lock(&server->lock);
    server->ends_watchdog = true;
    pthread_cond_broadcast(&server->changed);
    pthread_mutex_unlock(&server->lock);
    pthread_join(server->watchdog, NULL);
}
