// The yardstick for `POST /classify`: the same work in plain C over libmicrohttpd, without Elman's
// checks, metrics, versions and limits. It reads a flat text file made by flatten_checkpoint.py:
//   hidden classes vocabulary, then labels, words (one a line), then w1 w2 b2 w3 b3 as numbers.
// Build: cc -O3 -march=native plain_server.c -lmicrohttpd -lm    Run: ./a.out MODEL PORT THREADS
#include <ctype.h>
#include <math.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { hidden = 64, words_per_text = 160, body_max = 4096, label_max = 64, classes_max = 16 };
typedef float vector __attribute__((vector_size(64)));
enum { lanes = 16, vectors = hidden / lanes };

static struct {
    int classes, words;
    char labels[classes_max][label_max];
    float *w1, *w3, *b3;  // (words × hidden), (hidden × classes), (classes)
    vector w2[hidden][vectors], b2[vectors];
    uint32_t slots;  // A power of two; open addressing.
    struct { uint32_t hash, length; const char *word; int index; } *table;
} model;

static uint32_t hash_of(const char *bytes, size_t count) {  // FNV-1a
    uint32_t hash = 2166136261u;
    for (size_t i = 0; i < count; i++) hash = (hash ^ (uint8_t)bytes[i]) * 16777619u;
    return hash;
}

static int find(const char *word, size_t count) {
    uint32_t hash = hash_of(word, count);
    for (uint32_t at = hash & (model.slots - 1);; at = (at + 1) & (model.slots - 1)) {
        if (!model.table[at].word) return 0;  // <unk>
        if (model.table[at].hash == hash && model.table[at].length == count
            && !memcmp(model.table[at].word, word, count)) return model.table[at].index;
    }
}

static void insert(const char *word, int index) {
    uint32_t hash = hash_of(word, strlen(word)), at = hash & (model.slots - 1);
    while (model.table[at].word) at = (at + 1) & (model.slots - 1);
    model.table[at].hash = hash, model.table[at].length = (uint32_t)strlen(word);
    model.table[at].word = word, model.table[at].index = index;
}

static void fail(const char *what) { fprintf(stderr, "%s\n", what), exit(1); }

static float *read_floats(FILE *file, size_t count) {
    float *values = aligned_alloc(64, (count * sizeof(float) + 63) / 64 * 64);
    for (size_t i = 0; i < count; i++)
        if (fscanf(file, "%f", &values[i]) != 1) fail("short model file");
    return values;
}

static void load(const char *path) {
    FILE *file = fopen(path, "r");
    char word[256];
    int found_hidden = 0;
    if (!file || fscanf(file, "%d %d %d", &found_hidden, &model.classes, &model.words) != 3)
        fail("no model file");
    if (found_hidden != hidden || model.classes > classes_max)
        fail("this yardstick is built for 64 hidden units");
    for (int i = 0; i < model.classes; i++)
        if (fscanf(file, "%63s", model.labels[i]) != 1) fail("short model file");
    for (model.slots = 16; model.slots < 2 * (uint32_t)model.words; ) model.slots *= 2;
    model.table = calloc(model.slots, sizeof *model.table);
    for (int i = 0; i < model.words; i++) {
        if (fscanf(file, "%255s", word) != 1) fail("short model file");
        insert(strdup(word), i);
    }
    model.w1 = read_floats(file, (size_t)model.words * hidden);
    memcpy(model.w2, read_floats(file, hidden * hidden), sizeof model.w2);
    memcpy(model.b2, read_floats(file, hidden), sizeof model.b2);
    model.w3 = read_floats(file, (size_t)hidden * model.classes);
    model.b3 = read_floats(file, model.classes);
    fclose(file);
}

static inline vector smaller(vector a, vector b) {
    typedef int32_t mask __attribute__((vector_size(64)));
    const mask less = a < b;
    return (vector)((less & (mask)a) | (~less & (mask)b));
}

// tanh as the 13/6 rational that Eigen uses; at most 5 units in the last place off.
static inline vector tanh_of(vector x) {
    const vector bound = (vector){0} + 7.90531110763549805f;
    x = smaller(-smaller(-x, bound), bound);
    const vector y = x * x;
    vector p = y * -2.76076847742355e-16f + 2.00018790482477e-13f;
    p = p * y + -8.60467152213735e-11f, p = p * y + 5.12229709037114e-8f,
        p = p * y + 1.48572235717979e-5f;
    p = p * y + 6.37261928875436e-4f, p = p * y + 4.89352455891786e-3f;
    vector q = y * 1.19825839466702e-6f + 1.18534705686654e-4f;
    q = q * y + 2.26843463243900e-3f, q = q * y + 4.89352518554385e-3f;
    return x * p / q;
}

static void classify(const int *tokens, int count, float *probabilities) {
    vector h[vectors] = {0};
    for (int t = 0; t < count; t++) {
        vector even[vectors], odd[vectors] = {0};
        const float *state = (const float *)h;
        memcpy(even, model.w1 + (size_t)tokens[t] * hidden, sizeof even);
        for (int i = 0; i < vectors; i++) even[i] += model.b2[i];
        for (int r = 0; r < hidden; r += 2)
            for (int i = 0; i < vectors; i++)
                even[i] += state[r] * model.w2[r][i], odd[i] += state[r + 1] * model.w2[r + 1][i];
        for (int i = 0; i < vectors; i++) h[i] = tanh_of(even[i] + odd[i]);
    }
    float largest = -INFINITY, sum = 0;
    const float *state = (const float *)h;
    for (int c = 0; c < model.classes; c++) {
        float logit = model.b3[c];
        for (int r = 0; r < hidden; r++) logit += state[r] * model.w3[r * model.classes + c];
        probabilities[c] = logit, largest = fmaxf(largest, logit);
    }
    for (int c = 0; c < model.classes; c++) sum += probabilities[c] =
        expf(probabilities[c] - largest);
    for (int c = 0; c < model.classes; c++) probabilities[c] /= sum;
}

// Reads {"text": "…"} and leaves the unescaped text; false when it is anything else.
static bool read_text(const char *at, const char *end, char *text, size_t *count) {
    static const char key[] = "\"text\"";
    char *out = text;
    while (at < end && isspace((uint8_t)*at)) at++;
    if (at == end || *at++ != '{') return false;
    while (at < end && isspace((uint8_t)*at)) at++;
    if ((size_t)(end - at) < sizeof key || memcmp(at, key, sizeof key - 1)) return false;
    for (at += sizeof key - 1; at < end && isspace((uint8_t)*at); ) at++;
    if (at == end || *at++ != ':') return false;
    while (at < end && isspace((uint8_t)*at)) at++;
    if (at == end || *at++ != '"') return false;
    for (; at < end && *at != '"'; at++) {
        if ((uint8_t)*at < 0x20) return false;
        if (*at != '\\') { *out++ = *at; continue; }
        if (++at == end) return false;
        const char *named = strchr("b\bf\fn\nr\rt\t\"\"\\\\//", *at);
        // \u is left out: the benchmark's texts have none.
        if (!named || (uint8_t)*at < 0x20) return false;
        *out++ = named[1];
    }
    *count = (size_t)(out - text);
    if (at == end) return false;
    for (at++; at < end && isspace((uint8_t)*at); ) at++;
    if (at == end || *at++ != '}') return false;
    while (at < end && isspace((uint8_t)*at)) at++;
    return at == end;
}

static inline bool is_word(uint8_t c) { return isalnum(c) || c == '_' || c >= 0x80; }

// Lower-cases in place and splits as `\w+'\w+|\w+|[^\w\s]` does.
static int tokenize(char *text, size_t count, int *tokens) {
    int found = 0;
    for (size_t i = 0; i < count; i++) if (text[i] >= 'A' && text[i] <= 'Z') text[i] += 'a' - 'A';
    for (size_t at = 0; at < count && found < words_per_text; ) {
        size_t start = at;
        if (isspace((uint8_t)text[at])) { at++; continue; }
        if (is_word((uint8_t)text[at])) {
            while (at < count && is_word((uint8_t)text[at])) at++;
            if (at + 1 < count && text[at] == '\'' && is_word((uint8_t)text[at + 1]))
                for (at++; at < count && is_word((uint8_t)text[at]); ) at++;
        } else at++;
        tokens[found++] = find(text + start, at - start);
    }
    if (!found) tokens[found++] = 0;
    return found;
}

static char *append(char *to, const char *what) { size_t n = strlen(what); memcpy(to, what,
    n); return to + n; }

static char *append_probability(char *to, float value) {  // Seven decimals, by integers.
    uint32_t scaled = (uint32_t)(value * 1e7f + 0.5f);
    *to++ = (char)('0' + scaled / 10000000), *to++ = '.';
    for (uint32_t unit = 1000000; unit; unit /= 10) *to++ = (char)('0' + scaled / unit % 10);
    return to;
}

static size_t answer(char *body, size_t count, char *out) {
    char text[body_max], *to = out;
    int tokens[words_per_text], best = 0;
    float probabilities[classes_max];
    size_t length;
    if (!read_text(body, body + count, text, &length)) return 0;
    const int count_of_tokens = tokenize(text, length, tokens);
    int unknown = 0;
    for (int t = 0; t < count_of_tokens; t++) unknown += tokens[t] == 0;
    classify(tokens, count_of_tokens, probabilities);
    for (int c = 1; c < model.classes; c++) if (probabilities[c] > probabilities[best]) best = c;
    to = append(to, "{\"model\":\"mood\",\"version\":1,\"label\":\"");
    to = append(append(to, model.labels[best]), "\",\"score\":");
    to = append(append_probability(to, probabilities[best]), ",\"scores\":{");
    for (int c = 0; c < model.classes; c++) {
        to = append(append(append(to, c ? ",\"" : "\""), model.labels[c]), "\":");
        to = append_probability(to, probabilities[c]);
    }
    to += sprintf(to, "},\"tokens\":%d,\"unknown_words\":", count_of_tokens);
    to = append_probability(to, (float)unknown / (float)count_of_tokens);
    return (size_t)(append(to, ",\"truncated\":false,\"abstained\":false}") - out);
}

struct request { size_t count; char body[body_max]; };

static enum MHD_Result handle(void *context, struct MHD_Connection *connection, const char *url,
    const char *method,
                              const char *version, const char *data, size_t *count, void **state) {
    (void)context, (void)version;
    struct request *request = *state;
    char out[2048];
    if (!request) {
        *state = request = malloc(sizeof *request);
        if (request) request->count = 0;
        return request ? MHD_YES : MHD_NO;
    }
    if (*count) {
        if (*count > body_max - request->count) return MHD_NO;
        memcpy(request->body + request->count, data, *count);
        request->count += *count, *count = 0;
        return MHD_YES;
    }
    bool known = !strcmp(url, "/classify") && !strcmp(method, "POST");
    size_t written = known ? answer(request->body, request->count, out) : 0;
    struct MHD_Response *response = MHD_create_response_from_buffer(written, out,
        MHD_RESPMEM_MUST_COPY);
    MHD_add_response_header(response, "Content-Type", "application/json");
    enum MHD_Result result = MHD_queue_response(connection, written ? 200 : known ? 400 : 404,
        response);
    MHD_destroy_response(response);
    return result;
}

static void completed(void *context, struct MHD_Connection *connection, void **state,
                      enum MHD_RequestTerminationCode code) {
    (void)context, (void)connection, (void)code;
    free(*state);
}

int main(int count, char **arguments) {
    if (count != 4) fail("usage: plain_server MODEL PORT THREADS");
    load(arguments[1]);
    struct sockaddr_in address = {.sin_family = AF_INET,
        .sin_port = htons((uint16_t)atoi(arguments[2])),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    unsigned threads = (unsigned)atoi(arguments[3]);
    sigset_t stop;
    sigemptyset(&stop), sigaddset(&stop, SIGTERM), sigaddset(&stop, SIGINT);
    sigprocmask(SIG_BLOCK, &stop, NULL);
    struct MHD_Daemon *daemon = MHD_start_daemon(
        MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_ERROR_LOG, 0, NULL, NULL, handle, NULL,
        MHD_OPTION_SOCK_ADDR, (struct sockaddr *)&address, MHD_OPTION_NOTIFY_COMPLETED, completed,
            NULL,
        MHD_OPTION_CONNECTION_LIMIT, 512u, MHD_OPTION_CONNECTION_TIMEOUT, 15u,
            MHD_OPTION_LISTEN_BACKLOG_SIZE, 511u,
        threads > 1 ? MHD_OPTION_THREAD_POOL_SIZE : MHD_OPTION_END, threads, MHD_OPTION_END);
    if (!daemon) fail("cannot listen");
    int signal_number;
    sigwait(&stop, &signal_number);
    MHD_stop_daemon(daemon);
    return 0;
}
