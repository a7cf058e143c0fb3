/// The open connections: how many there may be, in all and of one address, and which gives way.
///
/// libmicrohttpd accepts some more than the limit, the reserve. So a connection over a limit is not
/// closed or left waiting: it sends its request, gets the service's refusal and is closed then.

#include "internal.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>

enum {
    /// Descriptors that everything but connections may need: listeners, epoll, logs, store, children.
    reserved_descriptors = 128,
};

unsigned int connection_reserve(unsigned int limit) {
    unsigned int reserve = limit / 8;
    return reserve < 8 ? 8 : reserve > 64 ? 64 : reserve;
}

uint64_t descriptors_for(unsigned int limit) {
    return (uint64_t)limit + connection_reserve(limit) + reserved_descriptors;
}

unsigned int fit_connections(unsigned int wanted) {
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) != 0) return wanted;
    rlim_t needed = descriptors_for(wanted);
    if (files.rlim_cur < needed && files.rlim_cur < files.rlim_max) {
        struct rlimit raised = files;
        raised.rlim_cur = needed < files.rlim_max ? needed : files.rlim_max;
        if (setrlimit(RLIMIT_NOFILE, &raised) == 0) files = raised;
    }
    unsigned int fitting = wanted;
    while (fitting > 0 && descriptors_for(fitting) > files.rlim_cur) fitting--;
    return fitting;
}

// Whether a connection may stay. All of this expects the server's lock.

/// The address without the port; IPv4 in its IPv6 form, zeros for what is neither.
static void copy_address(uint8_t copy[16], const struct sockaddr *address) {
    static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
    memset(copy, 0, 16);
    if (address && address->sa_family == AF_INET6) {
        memcpy(copy, &((const struct sockaddr_in6 *)address)->sin6_addr, 16);
    } else if (address && address->sa_family == AF_INET) {
        memcpy(copy, mapped, sizeof(mapped));
        memcpy(copy + 12, &((const struct sockaddr_in *)address)->sin_addr, 4);
    }
}

static struct address_chain *chain_of(mhd_server *server, const uint8_t address[16]) {
    unsigned int hash = 0;
    for (int i = 0; i < 16; i++) hash = hash * 31 + address[i];
    return &server->by_address[hash % address_chain_count];
}

static bool is_same_address(const connection *one, const connection *other) {
    return memcmp(one->address, other->address, sizeof(one->address)) == 0;
}

static bool has_address_room(mhd_server *server, const connection *opened) {
    unsigned int limit = server->configuration.per_address_limit, count = 0;
    connection *each;
    LIST_FOREACH(each, chain_of(server, opened->address), address_link)
        if (is_same_address(each, opened)) count++;
    return count < limit;
}

static void give_place_back(connection *admitted) {
    if (admitted->server->configuration.per_address_limit > 0)
        LIST_REMOVE(admitted, address_link);
    admitted->is_admitted = false;
    admitted->server->admitted_count--;
}

static void leave_queue(connection *queued) {
    if (!queued->queue) return;
    TAILQ_REMOVE(queued->queue, queued, queue_link);
    if (queued->queue == &queued->server->refused) queued->server->refused_count--;
    queued->queue = NULL;
}

/// Ends a connection that has not sent a complete head. The lock keeps its socket open, and so its
/// number ours.
static void displace(connection *victim) {
    leave_queue(victim);
    if (victim->is_admitted) give_place_back(victim);
    victim->is_displaced = true;
    shutdown(victim->socket, SHUT_RDWR);
}

/// Makes room by ending the oldest connection without a complete head. False if there is none.
static bool make_room(mhd_server *server, const connection *opened, bool of_address) {
    connection *oldest;
    TAILQ_FOREACH(oldest, &server->headless, queue_link) {
        if (of_address && !is_same_address(oldest, opened)) continue;
        displace(oldest);
        return true;
    }
    return false;
}

static bool admit(mhd_server *server, connection *opened, unsigned int *displaced_count) {
    if (server->configuration.per_address_limit > 0 && !has_address_room(server, opened)) {
        opened->refusal = mhd_refusal_address_connections_full;
        if (!make_room(server, opened, true)) return false;
        ++*displaced_count;
    }
    if (server->admitted_count >= server->configuration.connection_limit) {
        opened->refusal = mhd_refusal_connections_full;
        if (!make_room(server, opened, false)) return false;
        ++*displaced_count;
    }
    opened->refusal = mhd_refusal_none;
    opened->is_admitted = true;
    server->admitted_count++;
    if (server->configuration.per_address_limit > 0)
        LIST_INSERT_HEAD(chain_of(server, opened->address), opened, address_link);
    return true;
}

// The life of a connection.

connection *connection_open(
    mhd_server *server, int socket, const struct sockaddr *address) {
    connection *opened = calloc(1, sizeof(connection));
    if (!opened) return NULL;
    opened->server = server;
    opened->socket = socket;
    copy_address(opened->address, address);
    unsigned int displaced_count = 0;
    pthread_mutex_lock(&server->lock);
    bool is_admitted = admit(server, opened, &displaced_count);
    opened->queue = is_admitted ? &server->headless : &server->refused;
    TAILQ_INSERT_TAIL(opened->queue, opened, queue_link);
    if (!is_admitted) {
        // Half of the reserve stays free, so that libmicrohttpd goes on to accept.
        unsigned int reserve = connection_reserve(server->configuration.connection_limit);
        if (++server->refused_count > reserve / 2) displace(TAILQ_FIRST(&server->refused));
    }
    connection_enter(
        opened, phase_head,
        is_admitted ? server->configuration.header_deadline_ms : refusal_deadline_ms);
    bool was_empty = LIST_EMPTY(&server->connections);
    LIST_INSERT_HEAD(&server->connections, opened, link);
    if (was_empty) pthread_cond_broadcast(&server->changed);
    pthread_mutex_unlock(&server->lock);
    while (displaced_count-- > 0)
        server->callbacks.turn_away(server->context, mhd_turned_away_without_head);
    if (opened->refusal == mhd_refusal_connections_full)
        server->callbacks.turn_away(server->context, mhd_turned_away_connections_full);
    else if (opened->refusal == mhd_refusal_address_connections_full)
        server->callbacks.turn_away(server->context, mhd_turned_away_address_full);
    return opened;
}

bool connection_take_head(connection *taken) {
    if (taken->has_head) return true;
    taken->has_head = true;
    pthread_mutex_lock(&taken->server->lock);
    leave_queue(taken);
    bool stays = !taken->is_displaced;
    pthread_mutex_unlock(&taken->server->lock);
    return stays;
}

void connection_close(connection *closed) {
    mhd_server *server = closed->server;
    pthread_mutex_lock(&server->lock);
    LIST_REMOVE(closed, link);
    leave_queue(closed);
    if (closed->is_admitted) give_place_back(closed);
    pthread_mutex_unlock(&server->lock);
    free(closed);
}

void connection_enter(connection *entered, connection_phase phase, uint64_t budget_ms) {
    uint64_t deadline = budget_ms == 0 ? 0 : monotonic_ms() + budget_ms;
    atomic_store_explicit(
        &entered->state, deadline << phase_bits | (uint64_t)phase, memory_order_relaxed);
}

size_t server_count_phases(mhd_server *server, connection_phase first) {
    size_t count = 0;
    pthread_mutex_lock(&server->lock);
    connection *each;
    LIST_FOREACH(each, &server->connections, link) {
        uint64_t state = atomic_load_explicit(&each->state, memory_order_relaxed);
        if ((state & ((1 << phase_bits) - 1)) >= (uint64_t)first) count++;
    }
    pthread_mutex_unlock(&server->lock);
    return count;
}
