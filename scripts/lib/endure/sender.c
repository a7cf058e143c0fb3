// Sends requests by the clock, whether answers come or not, and prints what came back as JSON.
//
// Each client has one connection and one request under way at most. Its requests are due at fixed
// times; one that is due while the last is unanswered leaves late, and its latency counts from when
// it was due. A client that gets 503 tries again at once RETRIES times, then waits Retry-After.
//
// usage: sender PORT REQUESTS CLIENTS RATE SECONDS RETRIES
// REQUESTS is a file: "LENGTH STATUS EXPECTED\n" and the request's bytes, again and again. RATE is
// a second, of all clients together; 0 sends as soon as the last answer is here.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <netinet/tcp.h>
#include <time.h>
#include <unistd.h>

enum {
    answer_max = 16384,
    source_addresses = 64,  // 127.0.0.2 and on: each has ports of its own.
    sub_buckets = 64,       // Latencies are kept to 1.6 %.
    bucket_count = sub_buckets * 32,
    status_count = 600,
    drain_seconds = 15,
};
static const int64_t second = 1000000000;

typedef struct { size_t length; int status; char expected[64]; char *bytes; } request;
typedef enum { resting, connecting, waiting, parting } client_state;
typedef struct {
    int fd;
    client_state state;
    int64_t due, began;  // When the request should leave, and when it did (its connection opened).
    const request *asked;
    int retries;
    size_t answer_count;
    char *answer;
} client;
typedef struct { uint32_t buckets[bucket_count]; uint64_t count; uint64_t most_us; } histogram;

static struct { uint16_t port; int64_t period, end; int retries; int epoll; } plan;
static struct { request *all; size_t count, next; } requests;
static struct { client **heap; size_t count; } timers;  // Resting clients, the soonest first.
static struct {
    uint64_t sent, statuses[status_count];
    uint64_t unexpected, resets, connect_failures, unanswered, held, unsent;
    histogram due, began, refused, this_second;
    uint64_t good, turned_away;  // In this second.
} seen;

static void fail(const char *what) { perror(what), exit(2); }

static int64_t now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * second + now.tv_nsec;
}

// Latencies.

static size_t bucket_of(uint64_t value) {
    if (value < sub_buckets) return value;
    int shift = 63 - __builtin_clzll(value) - 6;
    size_t bucket = (size_t)(shift + 1) * sub_buckets + (value >> shift) - sub_buckets;
    return bucket < bucket_count ? bucket : bucket_count - 1;
}

static void record(histogram *histogram, int64_t nanoseconds) {
    uint64_t value = nanoseconds < 0 ? 0 : (uint64_t)nanoseconds / 1000;
    histogram->buckets[bucket_of(value)]++, histogram->count++;
    if (value > histogram->most_us) histogram->most_us = value;
}

/// The microseconds that this share of all took at most, to a bucket.
static uint64_t percentile(const histogram *histogram, double share) {
    uint64_t wanted = (uint64_t)(share * (double)histogram->count), passed = 0;
    for (size_t bucket = 0; bucket < bucket_count; bucket++) {
        passed += histogram->buckets[bucket];
        if (passed <= wanted) continue;
        size_t shift = bucket / sub_buckets;
        if (shift == 0) return bucket;
        return (uint64_t)(bucket % sub_buckets + sub_buckets + 1) << (shift - 1);
    }
    return histogram->most_us;
}

// Timers: a binary heap.

static void rest(client *resting_client) {
    resting_client->state = resting;
    size_t at = timers.count++;
    for (; at && timers.heap[(at - 1) / 2]->due > resting_client->due; at = (at - 1) / 2)
        timers.heap[at] = timers.heap[(at - 1) / 2];
    timers.heap[at] = resting_client;
}

static client *take_soonest(void) {
    client *soonest = timers.heap[0], *last = timers.heap[--timers.count];
    size_t at = 0;
    for (size_t child; (child = 2 * at + 1) < timers.count; at = child) {
        if (child + 1 < timers.count && timers.heap[child + 1]->due < timers.heap[child]->due)
            child++;
        if (last->due <= timers.heap[child]->due) break;
        timers.heap[at] = timers.heap[child];
    }
    timers.heap[at] = last;
    return soonest;
}

// One client.

static void hang_up(client *client) {
    if (client->fd >= 0) close(client->fd);
    client->fd = -1;
}

/// The next request is due a period after the last one, and not before `earliest`.
static void schedule(client *client, int64_t earliest) {
    int64_t next = plan.period ? client->due + plan.period : earliest;
    if (next < earliest && plan.period) {
        int64_t skipped = (earliest - next + plan.period - 1) / plan.period;
        seen.held += (uint64_t)skipped;
        next += skipped * plan.period;
    }
    client->due = next;
    client->retries = plan.retries;
    rest(client);
}

static void lose(client *client, uint64_t *reason, int64_t now) {
    ++*reason;
    hang_up(client);
    schedule(client, now + second / 100);  // A hundredth, or a dead server would be hammered.
}

static void watch(client *client, uint32_t events, int operation) {
    struct epoll_event event = {.events = events, .data.ptr = client};
    if (epoll_ctl(plan.epoll, operation, client->fd, &event)) fail("epoll_ctl");
}

static void send_request(client *client, int64_t now) {
    client->asked = &requests.all[requests.next++ % requests.count];
    client->answer_count = 0;
    client->state = waiting;
    ssize_t sent = send(client->fd, client->asked->bytes, client->asked->length, MSG_NOSIGNAL);
    if (sent != (ssize_t)client->asked->length) lose(client, &seen.resets, now);
    else seen.sent++;
}

static void dial(client *client, int64_t now) {
    static uint32_t next_source;
    int on = 1;
    client->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (client->fd < 0) fail("socket");
    setsockopt(client->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    setsockopt(client->fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
    uint32_t source = INADDR_LOOPBACK + 1 + next_source++ % source_addresses;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(source)};
    if (bind(client->fd, (struct sockaddr *)&address, sizeof address)) fail("bind");
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK), address.sin_port = htons(plan.port);
    bool isOpen = !connect(client->fd, (struct sockaddr *)&address, sizeof address);
    if (!isOpen && errno != EINPROGRESS) {
        lose(client, &seen.connect_failures, now);
        return;
    }
    watch(client, isOpen ? EPOLLIN : EPOLLOUT, EPOLL_CTL_ADD);
    client->state = connecting;
    if (isOpen) send_request(client, now);
}

static void begin(client *client, int64_t now) {
    client->began = now;
    if (client->fd < 0) dial(client, now);
    else send_request(client, now);
}

// Answers.

/// The value of a field of the head, or NULL. The head ends with a NUL.
static const char *field(const char *head, const char *name) {
    const char *found = strcasestr(head, name);
    return found ? found + strlen(name) : NULL;
}

static void take_answer(client *client, int status, bool closes, int64_t wait, int64_t now) {
    seen.statuses[status]++;
    if (status == 503) {
        seen.turned_away++;
        record(&seen.refused, now - client->began);
    } else {
        if (status != client->asked->status || !strstr(client->answer, client->asked->expected)) {
            if (seen.unexpected++ == 0)
                fprintf(stderr, "sender: wanted %d with %s, got %s\n", client->asked->status,
                    client->asked->expected, client->answer);
        }
        seen.good++;
        record(&seen.due, now - client->due), record(&seen.began, now - client->began);
        record(&seen.this_second, now - client->due);
    }
    bool retries = status == 503 && client->retries > 0;
    if (closes) {  // The server closes first: so the port can be taken again.
        client->state = parting;
        client->answer_count = 0;
        client->began = retries ? now : now + wait;
        return;
    }
    if (retries) client->retries--, begin(client, now);
    else schedule(client, status == 503 ? now + wait : plan.period ? client->due : now);
}

static void part(client *client, int64_t now) {
    hang_up(client);
    if (client->began <= now && client->retries > 0) {
        client->retries--;
        client->due = now;
        rest(client);
    } else {
        schedule(client, client->began);
    }
}

/// Looks whether the answer is complete.
static void read_answer(client *client, int64_t now) {
    client->answer[client->answer_count] = 0;
    char *end = strstr(client->answer, "\r\n\r\n");
    if (!end) return;
    end[2] = 0;
    const char *length = field(client->answer, "\r\ncontent-length: ");
    const char *retry = field(client->answer, "\r\nretry-after: ");
    bool closes = field(client->answer, "\r\nconnection: close") != NULL;
    int status = atoi(client->answer + strlen("HTTP/1.1 "));
    size_t whole = (size_t)(end + 4 - client->answer) + (length ? strtoul(length, NULL, 10) : 0);
    int64_t wait = retry ? strtol(retry, NULL, 10) * second : 0;
    end[2] = '\r';
    if (client->answer_count < whole) return;
    if (status < 100 || status >= status_count) status = 0;
    take_answer(client, status, closes, wait, now);
}

static void on_readable(client *client, int64_t now) {
    size_t room = answer_max - 1 - client->answer_count;
    ssize_t count = recv(client->fd, client->answer + client->answer_count, room, MSG_DONTWAIT);
    if (count < 0 && errno == EAGAIN) return;
    switch (client->state) {
    case resting:  // The server ended an idle connection; the next request opens another.
        if (count <= 0) hang_up(client);
        return;
    case parting:
        if (count <= 0) part(client, now);
        return;
    case connecting:
    case waiting:
        if (count <= 0) {
            lose(client, &seen.resets, now);
            return;
        }
        client->answer_count += (size_t)count;
        read_answer(client, now);
    }
}

static void on_event(client *client, uint32_t events, int64_t now) {
    if (client->state != connecting) {
        on_readable(client, now);
        return;
    }
    int error = 0;
    socklen_t size = sizeof error;
    getsockopt(client->fd, SOL_SOCKET, SO_ERROR, &error, &size);
    if (error || !(events & EPOLLOUT)) {
        lose(client, &seen.connect_failures, now);
        return;
    }
    watch(client, EPOLLIN, EPOLL_CTL_MOD);
    send_request(client, now);
}

// The whole run.

static void read_requests(const char *path) {
    FILE *file = fopen(path, "r");
    request next;
    if (!file) fail(path);
    while (fscanf(file, "%zu %d %63s", &next.length, &next.status, next.expected) == 3) {
        next.bytes = malloc(next.length);
        if (fgetc(file) != '\n' || fread(next.bytes, 1, next.length, file) != next.length)
            fail("a short request");
        requests.all = realloc(requests.all, (requests.count + 1) * sizeof next);
        requests.all[requests.count++] = next;
    }
    fclose(file);
    if (!requests.count) fail("no request");
}

static void end_second(void) {
    static bool isLater;
    histogram *this = &seen.this_second;
    printf("%s{\"good\":%lu,\"refused\":%lu,\"p99_us\":%lu,\"most_us\":%lu}", isLater ? "," : "",
        seen.good, seen.turned_away, percentile(this, 0.99), this->most_us);
    isLater = true;
    memset(this, 0, sizeof *this);
    seen.good = seen.turned_away = 0;
}

static void print_latency(const char *name, const histogram *latency) {
    printf(",\"%s\":{\"count\":%lu,\"p50_us\":%lu,\"p99_us\":%lu,\"most_us\":%lu}", name,
        latency->count, percentile(latency, 0.5), percentile(latency, 0.99), latency->most_us);
}

static void print_counts(int64_t began) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    double cpu = (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec)
        + (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
    printf("],\"seconds\":%.3f,\"cpu_seconds\":%.3f,\"statuses\":{",
        (double)(plan.end - began) / 1e9, cpu);
    bool isLater = false;
    for (int status = 0; status < status_count; status++) {
        if (!seen.statuses[status]) continue;
        printf("%s\"%d\":%lu", isLater ? "," : "", status, seen.statuses[status]);
        isLater = true;
    }
    printf("},\"sent\":%lu,\"unexpected\":%lu,\"resets\":%lu,\"connect_failures\":%lu,"
        "\"unanswered\":%lu,\"held\":%lu,\"unsent\":%lu", seen.sent, seen.unexpected, seen.resets,
        seen.connect_failures, seen.unanswered, seen.held, seen.unsent);
    print_latency("due", &seen.due);
    print_latency("began", &seen.began);
    print_latency("refusals", &seen.refused);
    printf("}\n");
}

/// Waits for what comes, until the next request is due or the second ends.
static void wait_for_events(int64_t until) {
    struct epoll_event events[512];
    int64_t left = until - now_ns();
    if (left < 0) left = 0;
    struct timespec timeout = {left / second, left % second};
    int count = epoll_pwait2(plan.epoll, events, 512, &timeout, NULL);
    if (count < 0 && errno != EINTR) fail("epoll_pwait2");
    int64_t now = now_ns();
    for (int i = 0; i < count; i++) on_event(events[i].data.ptr, events[i].events, now);
}

static void run(int64_t began, client *clients, size_t client_count) {
    int64_t second_ends = began + second;
    for (int64_t now = began; now < plan.end; now = now_ns()) {
        // Some at a time, so that answers are read meanwhile.
        for (int i = 0; i < 256 && timers.count && timers.heap[0]->due <= now; i++)
            begin(take_soonest(), now);
        int64_t soonest = timers.count ? timers.heap[0]->due : second_ends;
        wait_for_events(soonest < second_ends ? soonest : second_ends);
        for (now = now_ns(); second_ends <= now && second_ends <= plan.end; second_ends += second)
            end_second();
    }
    for (size_t i = 0; i < timers.count && plan.period; i++)
        if (timers.heap[i]->due < plan.end)
            seen.unsent += (uint64_t)((plan.end - timers.heap[i]->due) / plan.period) + 1;
    size_t open = client_count;
    for (int64_t now = plan.end; open && now < plan.end + drain_seconds * second; now = now_ns()) {
        wait_for_events(now + second / 50);
        open = 0;
        for (size_t i = 0; i < client_count; i++)
            open += clients[i].state == waiting || clients[i].state == connecting;
    }
    seen.unanswered = open;
}

int main(int count, char **arguments) {
    if (count != 7) {
        fprintf(stderr, "usage: sender PORT REQUESTS CLIENTS RATE SECONDS RETRIES\n");
        return 2;
    }
    size_t client_count = strtoul(arguments[3], NULL, 10);
    double rate = atof(arguments[4]);
    plan.port = (uint16_t)atoi(arguments[1]), plan.retries = atoi(arguments[6]);
    plan.period = rate > 0 ? (int64_t)((double)client_count / rate * 1e9) : 0;
    plan.epoll = epoll_create1(EPOLL_CLOEXEC);
    read_requests(arguments[2]);
    client *clients = calloc(client_count, sizeof *clients);
    timers.heap = calloc(client_count, sizeof *timers.heap);
    int64_t began = now_ns();
    plan.end = began + (int64_t)(atof(arguments[5]) * 1e9);
    // The first requests are spread over a period, and over a second where connections are many.
    int64_t spread = plan.period > second || client_count < 100 ? plan.period : second;
    for (size_t i = 0; i < client_count; i++) {
        clients[i] = (client){.fd = -1, .retries = plan.retries, .answer = malloc(answer_max),
            .due = began + (int64_t)((double)spread / (double)client_count * (double)i)};
        rest(&clients[i]);
    }
    printf("{\"each_second\":[");
    run(began, clients, client_count);
    print_counts(began);
}
