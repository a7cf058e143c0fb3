/// Keeps the process alive when two threads take the listener out of one epoll set.
///
/// `MHD_quiesce_daemon` removes the listener from each worker's set, and so does the worker as soon
/// as it notices. Up to libmicrohttpd 1.0 whoever comes second gets ENOENT and ends the process:
/// about once in 5,000 stops on a busy machine. Removing what is not there is no error to anybody
/// who calls this function, so it succeeds here. Remove this file when the oldest supported
/// libmicrohttpd accepts ENOENT in both places.

#include <errno.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <unistd.h>

/// Stands before the C library's, also for the libraries that this program loads.
__attribute__((visibility("default"))) int epoll_ctl(
    int set, int operation, int descriptor, struct epoll_event *event) {
    int before = errno;
    long result = syscall(SYS_epoll_ctl, set, operation, descriptor, event);
    if (result == 0 || operation != EPOLL_CTL_DEL || errno != ENOENT) return (int)result;
    errno = before;
    return 0;
}
