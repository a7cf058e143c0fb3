/// The thread that accepts connections and hands each to the worker that has the fewest.
///
/// Where workers accept for themselves, the one that wakes first takes all: one of two had every
/// connection in a third of all runs. Sockets of their own (SO_REUSEPORT) are chosen by a hash,
/// which is uneven for a few connections, and a second process could share the port by mistake.

#define _GNU_SOURCE  // accept4
#include "internal.h"

#include <errno.h>
#include <microhttpd.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { pause_us = 2000 };

/// Connections that were accepted and are not closed yet, with and without a place.
static unsigned int count_connections(mhd_server *server) {
    unsigned int count = 0;
    for (unsigned int i = 0; i < server->worker_count; i++)
        count += atomic_load_explicit(&server->workers[i].connection_count, memory_order_relaxed);
    return count;
}

static worker *least_loaded(mhd_server *server) {
    worker *found = &server->workers[0];
    unsigned int least = UINT32_MAX;
    for (unsigned int i = 0; i < server->worker_count; i++) {
        worker *each = &server->workers[i];
        unsigned int count = atomic_load_explicit(&each->connection_count, memory_order_relaxed);
        if (count >= least) continue;
        least = count;
        found = each;
    }
    return found;
}

static void hand_over(worker *taker, int socket, struct sockaddr *address, socklen_t size) {
    atomic_fetch_add_explicit(&taker->connection_count, 1, memory_order_relaxed);
    // Closes the socket if it fails.
    if (MHD_add_connection(taker->daemon, socket, address, size) == MHD_YES) return;
    atomic_fetch_sub_explicit(&taker->connection_count, 1, memory_order_relaxed);
}

static void tell_trouble(mhd_server *server, int error_number) {
    char line[160], reason[96];
    snprintf(
        line, sizeof(line), "Connections wait to be accepted: %s",
        strerror_r(error_number, reason, sizeof(reason)));
    server->callbacks.log(server->context, line);
}

static void *accept_connections(void *argument) {
    mhd_server *server = argument;
    unsigned int limit = server->configuration.connection_limit;
    unsigned int capacity = limit + connection_reserve(limit);
    bool is_in_trouble = false;
    while (!atomic_load_explicit(&server->is_draining, memory_order_acquire)) {
        if (count_connections(server) >= capacity) {
            usleep(pause_us);
            continue;
        }
        struct sockaddr_storage address;
        socklen_t size = sizeof(address);
        int socket = accept4(
            server->listener, (struct sockaddr *)&address, &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (socket >= 0) {
            is_in_trouble = false;
            hand_over(least_loaded(server), socket, (struct sockaddr *)&address, size);
            continue;
        }
        // The client has left already, or the listener is shut down.
        if (errno == ECONNABORTED || errno == EINTR || errno == EINVAL) continue;
        // Too many open files, or no memory: what is open goes on, and closes in time.
        if (!is_in_trouble) tell_trouble(server, errno);
        is_in_trouble = true;
        usleep(pause_us);
    }
    return NULL;
}

bool acceptor_start(mhd_server *server) {
    return pthread_create(&server->acceptor, NULL, accept_connections, server) == 0;
}

void acceptor_stop(mhd_server *server) {
    // Ends the call that waits, and makes the kernel refuse connections instead of queueing them.
    shutdown(server->listener, SHUT_RDWR);
    pthread_join(server->acceptor, NULL);
    close(server->listener);
}
