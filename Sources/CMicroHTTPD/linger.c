/// Lingering: the end of a connection whose client still sends.
///
/// Closing a socket that has unread bytes, or gets some, resets the connection, and a reset may
/// overtake the answer. So the socket only says that no more will come. A thread reads and drops
/// what the client sends until it closes too, falls silent, or has had its time or bytes. Beyond
/// the places that there are, the socket that has lingered longest is closed.

#define _GNU_SOURCE  // pipe2
#include "internal.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    tick_ms = 100,
    silence_ms = 5000,
    stop_ms = 1000, ///< How long a server that stops waits.
    piece_bytes = 64 * 1024,
    pieces_in_turn = 16, ///< Then it is the next socket's turn.
};

static const uint64_t bytes_of_one = UINT64_C(256) << 20, bytes_of_all = UINT64_C(1) << 30;

/// What one socket may still do.
typedef struct {
    uint64_t silent_ms; ///< When its silence is over.
    uint64_t end_ms;
    uint64_t dropped;
} allowance;

/// The thread's own. The oldest socket comes first.
typedef struct {
    mhd_server *server;
    unsigned int capacity;
    unsigned int count;
    uint64_t dropped; ///< By the sockets that are open.
    bool is_stopping;
    struct pollfd *polled; ///< The pipe, then the sockets.
    allowance *allowances;
    char piece[piece_bytes];
} room;

unsigned int linger_capacity(unsigned int connection_limit) {
    return connection_reserve(connection_limit) / 2;
}

static void end(room *room, unsigned int index) {
    close(room->polled[1 + index].fd);
    room->dropped -= room->allowances[index].dropped;
    unsigned int behind = --room->count - index;
    memmove(
        &room->polled[1 + index], &room->polled[2 + index], behind * sizeof(struct pollfd));
    memmove(
        &room->allowances[index], &room->allowances[index + 1], behind * sizeof(allowance));
}

static void take(room *room, int socket, uint64_t now) {
    if (room->count == room->capacity) end(room, 0);
    room->polled[1 + room->count] = (struct pollfd){.fd = socket, .events = POLLIN};
    room->allowances[room->count++] = (allowance){
        .silent_ms = now + silence_ms,
        .end_ms = now + room->server->configuration.linger_deadline_ms,
    };
}

static void take_new(room *room, uint64_t now) {
    int socket;
    ssize_t count;
    while ((count = read(room->polled[0].fd, &socket, sizeof(socket))) == sizeof(socket))
        take(room, socket, now);
    if (count != 0) return;
    room->is_stopping = true;
    room->polled[0].fd = -1;
    for (unsigned int i = 0; i < room->count; i++) {
        uint64_t *end_ms = &room->allowances[i].end_ms;
        if (*end_ms > now + stop_ms) *end_ms = now + stop_ms;
    }
}

/// Drops what has come. False at the end.
static bool drop(room *room, unsigned int index, uint64_t now) {
    allowance *left = &room->allowances[index];
    for (int i = 0; i < pieces_in_turn; i++) {
        // Without a copy, where the kernel can.
        ssize_t count = recv(
            room->polled[1 + index].fd, room->piece, piece_bytes, MSG_DONTWAIT | MSG_TRUNC);
        if (count < 0) return errno == EAGAIN || errno == EINTR;
        if (count == 0) return false;
        left->silent_ms = now + silence_ms;
        left->dropped += (uint64_t)count;
        room->dropped += (uint64_t)count;
        if (left->dropped > bytes_of_one || room->dropped > bytes_of_all) return false;
    }
    return true;
}

static void *run(void *argument) {
    room *room = argument;
    while (!room->is_stopping || room->count > 0) {
        poll(room->polled, 1 + room->count, room->count > 0 ? tick_ms : -1);
        uint64_t now = monotonic_ms();
        for (unsigned int i = room->count; i-- > 0;) {
            bool goes_on = room->polled[1 + i].revents == 0 || drop(room, i, now);
            const allowance *left = &room->allowances[i];
            if (!goes_on || now >= left->silent_ms || now >= left->end_ms) end(room, i);
        }
        if (!room->is_stopping) take_new(room, now);
    }
    free(room->polled);
    free(room->allowances);
    free(room);
    return NULL;
}

bool linger_start(mhd_server *server) {
    if (pipe2(server->lingering, O_CLOEXEC | O_NONBLOCK) != 0) return false;
    room *new = calloc(1, sizeof(room));
    if (new) {
        new->server = server;
        new->capacity = linger_capacity(server->configuration.connection_limit);
        new->polled = calloc(1 + new->capacity, sizeof(struct pollfd));
        new->allowances = calloc(new->capacity, sizeof(allowance));
        if (new->polled) {
            new->polled[0] = (struct pollfd){.fd = server->lingering[0], .events = POLLIN};
        }
        if (new->polled && new->allowances
            && pthread_create(&server->lingerer, NULL, run, new) == 0)
            return true;
        free(new->polled);
        free(new->allowances);
        free(new);
    }
    close(server->lingering[0]);
    close(server->lingering[1]);
    return false;
}

void linger(mhd_server *server, int socket) {
    int copy = fcntl(socket, F_DUPFD_CLOEXEC, 0);
    if (copy < 0) return;
    shutdown(copy, SHUT_WR);
    if (write(server->lingering[1], &copy, sizeof(copy)) != sizeof(copy)) close(copy);
}

void linger_stop(mhd_server *server) {
    close(server->lingering[1]);
    pthread_join(server->lingerer, NULL);
    close(server->lingering[0]);
}
