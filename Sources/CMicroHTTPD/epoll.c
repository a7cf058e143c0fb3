/// How libmicrohttpd's threads wait for events.
///
/// A thread of libmicrohttpd that takes exactly as many events out of epoll as it asked for (128)
/// asks for more before it looks at them, and waits for that up to the idle timeout. So it never
/// gets as many: one fewer is taken out, and the rest comes with its next call.
///
/// Under load the next request is often about to come. A thread that sleeps at once is woken for
/// each single one, and with as many threads as cores that costs a third of the CPU. So it lets
/// others run a few times first, which costs it some microseconds where nobody wants to.

#include <sched.h>
#include <stddef.h>
#include <sys/epoll.h>

/// How often a thread lets others run before it sleeps.
enum { patience = 4 };

/// Stands before the C library's, also for the libraries that this program loads.
__attribute__((visibility("default"))) int epoll_wait(
    int set, struct epoll_event *events, int capacity, int timeout_ms) {
    int wanted = capacity > 1 ? capacity - 1 : capacity;
    for (int turn = 0; timeout_ms != 0 && turn < patience; turn++) {
        int count = epoll_pwait(set, events, wanted, 0, NULL);
        if (count != 0) return count;
        sched_yield();
    }
    return epoll_pwait(set, events, wanted, timeout_ms, NULL);
}
