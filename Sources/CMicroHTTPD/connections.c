/// The open connections: how many there may be, in all and of one address, and which give way.
///
/// A connection takes a place with its first complete head. Some more are accepted than there are
/// places, the reserve, so one that finds none is not closed or left waiting: its request gets the
/// service's refusal. Beyond the places, the oldest without a head are ended.

#include "internal.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>

enum {
    /// Descriptors that everything but connections may need: listeners, epoll, logs, store,
    /// children.
    reserved_descriptors = 112,
    /// How long a new connection has before it gives way: its head may be on the way.
    grace_ms = 200,
    /// How many of the oldest are looked at; of those with unread bytes there may be more.
    looked_at_once = 64,
};

unsigned int connection_reserve(unsigned int limit) {
    unsigned int reserve = limit / 8;
    return reserve < 32 ? 32 : reserve > 512 ? 512 : reserve;
}

uint64_t descriptors_for(unsigned int limit) {
    return (uint64_t)limit + connection_reserve(limit) + linger_capacity(limit)
        + reserved_descriptors;
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

// Places. All of this expects the server's lock.

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

static bool is_address_full(mhd_server *server, const uint8_t address[16]) {
    unsigned int limit = server->configuration.per_address_limit, count = 0;
    if (limit == 0) return false;
    connection *each;
    LIST_FOREACH(each, chain_of(server, address), address_link)
        if (memcmp(each->address, address, sizeof(each->address)) == 0) count++;
    return count >= limit;
}

static void take_place(connection *admitted) {
    mhd_server *server = admitted->server;
    admitted->has_place = true;
    server->taken_places++;
    if (server->configuration.per_address_limit > 0)
        LIST_INSERT_HEAD(chain_of(server, admitted->address), admitted, address_link);
}

static void give_place_back(connection *admitted) {
    admitted->has_place = false;
    admitted->server->taken_places--;
    if (admitted->server->configuration.per_address_limit > 0)
        LIST_REMOVE(admitted, address_link);
}

static void leave_headless(connection *left) {
    if (left->is_headless) TAILQ_REMOVE(&left->server->headless, left, headless_link);
    left->is_headless = false;
}

/// Whether bytes have come that libmicrohttpd has not read: a head may be among them.
static bool has_unread_bytes(const connection *asked) {
    char byte;
    return recv(asked->socket, &byte, 1, MSG_PEEK | MSG_DONTWAIT) > 0;
}

/// Ends the oldest connections without a head while there are more connections than places. The
/// lock keeps each socket open, and so its number ours. Returns how many it ended.
static unsigned int make_room(mhd_server *server) {
    unsigned int count = 0, spared = 0;
    uint64_t now = monotonic_ms();
    connection *each, *next;
    for (each = TAILQ_FIRST(&server->headless); each && spared < looked_at_once; each = next) {
        bool is_full = server->open_count > server->configuration.connection_limit;
        if (!is_full || now - each->opened_ms < grace_ms) break;
        next = TAILQ_NEXT(each, headless_link);
        if (has_unread_bytes(each)) {
            spared++;
            continue;
        }
        leave_headless(each);
        each->is_ended = true;
        server->open_count--;
        shutdown(each->socket, SHUT_RDWR);
        count++;
    }
    return count;
}

static void tell_ended(mhd_server *server, unsigned int count) {
    while (count-- > 0) server->callbacks.turn_away(server->context, mhd_turned_away_without_head);
}

// The life of a connection.

connection *connection_open(
    mhd_server *server, int socket, const struct sockaddr *address) {
    connection *opened = calloc(1, sizeof(connection));
    if (!opened) return NULL;
    opened->server = server;
    opened->socket = socket;
    opened->opened_ms = monotonic_ms();
    copy_address(opened->address, address);
    connection_enter(opened, phase_head, server->configuration.header_deadline_ms);
    pthread_mutex_lock(&server->lock);
    bool was_empty = LIST_EMPTY(&server->connections);
    LIST_INSERT_HEAD(&server->connections, opened, link);
    opened->is_headless = true;
    TAILQ_INSERT_TAIL(&server->headless, opened, headless_link);
    server->open_count++;
    unsigned int ended = make_room(server);
    if (was_empty) pthread_cond_broadcast(&server->changed);
    pthread_mutex_unlock(&server->lock);
    tell_ended(server, ended);
    return opened;
}

bool connection_take_head(connection *taken) {
    if (taken->has_head) return true;
    taken->has_head = true;
    mhd_server *server = taken->server;
    pthread_mutex_lock(&server->lock);
    leave_headless(taken);
    bool is_ended = taken->is_ended;
    if (is_address_full(server, taken->address))
        taken->refusal = mhd_refusal_address_connections_full;
    else if (server->taken_places >= server->configuration.connection_limit)
        taken->refusal = mhd_refusal_connections_full;
    else if (!is_ended)
        take_place(taken);
    pthread_mutex_unlock(&server->lock);
    if (is_ended) return false;
    if (taken->refusal == mhd_refusal_connections_full)
        server->callbacks.turn_away(server->context, mhd_turned_away_connections_full);
    else if (taken->refusal == mhd_refusal_address_connections_full)
        server->callbacks.turn_away(server->context, mhd_turned_away_address_full);
    return true;
}

void connection_close(connection *closed) {
    mhd_server *server = closed->server;
    pthread_mutex_lock(&server->lock);
    LIST_REMOVE(closed, link);
    leave_headless(closed);
    if (closed->has_place) give_place_back(closed);
    if (!closed->is_ended) server->open_count--;
    pthread_mutex_unlock(&server->lock);
    if (closed->lingers || (closed->closes && has_unread_bytes(closed)))
        linger(server, closed->socket);
    // Its session is gone already.
    credentials_release(closed->credentials);
    free(closed);
}

void server_make_room(mhd_server *server) {
    pthread_mutex_lock(&server->lock);
    unsigned int ended = make_room(server);
    pthread_mutex_unlock(&server->lock);
    tell_ended(server, ended);
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
