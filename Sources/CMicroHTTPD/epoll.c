/// Keeps libmicrohttpd from sleeping on events that it has.
///
/// A thread of libmicrohttpd that takes exactly as many events out of epoll as it asked for (128)
/// asks for more before it looks at them, and waits for that up to the idle timeout. So it never
/// gets as many: one fewer is taken out, and the rest comes with its next call. Remove this file
/// when the oldest supported libmicrohttpd does not wait after a full batch.

#include <stddef.h>
#include <sys/epoll.h>

/// Stands before the C library's, also for the libraries that this program loads.
__attribute__((visibility("default"))) int epoll_wait(
    int set, struct epoll_event *events, int capacity, int timeout_ms) {
    return epoll_pwait(set, events, capacity > 1 ? capacity - 1 : capacity, timeout_ms, NULL);
}
