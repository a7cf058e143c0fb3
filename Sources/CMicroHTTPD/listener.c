/// The listening socket. It is opened here rather than by libmicrohttpd so that a failure keeps its
/// reason.

#include "internal.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

static int fail(mhd_start_report *report, mhd_start_failure failure, int error_number) {
    report->failure = failure;
    report->error_number = error_number;
    return -1;
}

static int bind_and_listen(const struct addrinfo *address, unsigned int backlog) {
    int listener = socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (listener < 0) return -1;
    int on = 1, off = 0;
    // Allows a restart while old connections linger; on Linux never two listeners on one port.
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    // `::` means every address, of both families.
    if (address->ai_family == AF_INET6)
        setsockopt(listener, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
    if (bind(listener, address->ai_addr, address->ai_addrlen) == 0
        && listen(listener, (int)backlog) == 0)
        return listener;
    int error_number = errno;
    close(listener);
    errno = error_number;
    return -1;
}

static uint16_t port_of(int listener) {
    struct sockaddr_storage address;
    socklen_t size = sizeof(address);
    if (getsockname(listener, (struct sockaddr *)&address, &size) != 0) return 0;
    return ntohs(
        address.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&address)->sin6_port
                                      : ((struct sockaddr_in *)&address)->sin_port);
}

int listener_open(
    const mhd_configuration *configuration, uint16_t *port, mhd_start_report *report) {
    char service[8];
    snprintf(service, sizeof(service), "%u", configuration->port);
    struct addrinfo hints = {
        .ai_flags = AI_PASSIVE | AI_NUMERICSERV, .ai_socktype = SOCK_STREAM};
    struct addrinfo *found = NULL;
    if (getaddrinfo(configuration->host, service, &hints, &found) != 0)
        return fail(report, mhd_start_failure_bad_host, 0);
    int listener = bind_and_listen(found, configuration->backlog);
    int error_number = errno;
    freeaddrinfo(found);
    if (listener < 0) return fail(report, mhd_start_failure_listen, error_number);
    *port = port_of(listener);
    return listener;
}
