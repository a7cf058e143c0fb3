#include "CPostgreSQL.h"

#include <dlfcn.h>
#include <postgresql/libpq-fe.h>
#include <pthread.h>
#include <string.h>

/// The functions of libpq, with the types that its header gives them.
#define FUNCTIONS(X)                                                                              \
    X(PQconnectdbParams) X(PQfinish) X(PQstatus) X(PQtransactionStatus) X(PQerrorMessage)         \
    X(PQsocket) X(PQserverVersion) X(PQparameterStatus) X(PQsetnonblocking)                       \
    X(PQsetNoticeProcessor) X(PQsendQuery) X(PQsendQueryParams) X(PQsendPrepare)                  \
    X(PQsendQueryPrepared) X(PQenterPipelineMode) X(PQexitPipelineMode) X(PQpipelineSync)         \
    X(PQflush) X(PQconsumeInput) X(PQisBusy) X(PQgetResult) X(PQnotifies) X(PQfreemem)            \
    X(PQresultStatus) X(PQclear) X(PQresultErrorField) X(PQcmdTuples) X(PQntuples) X(PQnfields)   \
    X(PQfname) X(PQgetisnull) X(PQgetlength) X(PQgetvalue)

#define MEMBER(name) __typeof__(&name) name;
static struct {
    FUNCTIONS(MEMBER)
} pq;

static char failure[256];
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void load(void) {
    void *library = dlopen("libpq.so.5", RTLD_NOW | RTLD_LOCAL);
    const char *reason = library == NULL ? dlerror() : NULL;
#define FIND(name)                                                                                \
    if (reason == NULL) {                                                                         \
        *(void **)&pq.name = dlsym(library, #name);                                               \
        if (pq.name == NULL) reason = "libpq.so.5 is older than PostgreSQL 14: " #name;           \
    }
    FUNCTIONS(FIND)
    if (reason != NULL) strncpy(failure, reason, sizeof failure - 1);
}

const char *pq_load(void) {
    pthread_once(&once, load);
    return failure[0] == 0 ? NULL : failure;
}

static void drop_notice(void *context, const char *message) {
    (void)context;
    (void)message;
}

PGconn *pq_connect(const char *const *keywords, const char *const *values) {
    return pq.PQconnectdbParams(keywords, values, 1);
}

void pq_finish(PGconn *connection) { pq.PQfinish(connection); }

bool pq_is_connected(const PGconn *connection) {
    return pq.PQstatus(connection) == CONNECTION_OK;
}

bool pq_is_in_transaction(const PGconn *connection) {
    PGTransactionStatusType status = pq.PQtransactionStatus(connection);
    return status != PQTRANS_IDLE && status != PQTRANS_UNKNOWN;
}

bool pq_is_failed_transaction(const PGconn *connection) {
    return pq.PQtransactionStatus(connection) == PQTRANS_INERROR;
}

const char *pq_error_message(const PGconn *connection) { return pq.PQerrorMessage(connection); }

int pq_socket(const PGconn *connection) { return pq.PQsocket(connection); }

int pq_server_version(const PGconn *connection) { return pq.PQserverVersion(connection); }

const char *pq_parameter(const PGconn *connection, const char *name) {
    return pq.PQparameterStatus(connection, name);
}

bool pq_set_nonblocking(PGconn *connection) {
    pq.PQsetNoticeProcessor(connection, drop_notice, NULL);
    return pq.PQsetnonblocking(connection, 1) == 0;
}

bool pq_send_script(PGconn *connection, const char *script) {
    return pq.PQsendQuery(connection, script) == 1;
}

bool pq_send(PGconn *connection, const char *sql, int count, const unsigned int *types,
             const char *const *values, const int *lengths, const int *formats) {
    return pq.PQsendQueryParams(connection, sql, count, types, values, lengths, formats, 1) == 1;
}

bool pq_send_prepare(PGconn *connection, const char *sql, int count, const unsigned int *types) {
    return pq.PQsendPrepare(connection, "", sql, count, types) == 1;
}

bool pq_send_prepared(PGconn *connection, int count, const char *const *values,
                      const int *lengths, const int *formats) {
    return pq.PQsendQueryPrepared(connection, "", count, values, lengths, formats, 1) == 1;
}

bool pq_enter_pipeline(PGconn *connection) { return pq.PQenterPipelineMode(connection) == 1; }
bool pq_exit_pipeline(PGconn *connection) { return pq.PQexitPipelineMode(connection) == 1; }
bool pq_sync_pipeline(PGconn *connection) { return pq.PQpipelineSync(connection) == 1; }
int pq_flush(PGconn *connection) { return pq.PQflush(connection); }
bool pq_consume_input(PGconn *connection) { return pq.PQconsumeInput(connection) == 1; }
bool pq_is_busy(PGconn *connection) { return pq.PQisBusy(connection) == 1; }
PGresult *pq_get_result(PGconn *connection) { return pq.PQgetResult(connection); }

bool pq_take_notification(PGconn *connection) {
    PGnotify *notification = pq.PQnotifies(connection);
    if (notification == NULL) return false;
    pq.PQfreemem(notification);
    return true;
}

pq_result_kind pq_kind(const PGresult *result) {
    switch (pq.PQresultStatus(result)) {
    case PGRES_EMPTY_QUERY:
    case PGRES_COMMAND_OK:
    case PGRES_TUPLES_OK: return PQ_RESULT_DONE;
    case PGRES_PIPELINE_SYNC: return PQ_RESULT_SYNC;
    case PGRES_PIPELINE_ABORTED: return PQ_RESULT_ABORTED;
    default: return PQ_RESULT_FAILED;
    }
}

void pq_clear(PGresult *result) { pq.PQclear(result); }

const char *pq_state(const PGresult *result) {
    return pq.PQresultErrorField(result, PG_DIAG_SQLSTATE);
}

const char *pq_message(const PGresult *result) {
    return pq.PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
}

const char *pq_changed(PGresult *result) { return pq.PQcmdTuples(result); }
int pq_row_count(const PGresult *result) { return pq.PQntuples(result); }
int pq_column_count(const PGresult *result) { return pq.PQnfields(result); }

const char *pq_column_name(const PGresult *result, int column) {
    return pq.PQfname(result, column);
}

bool pq_is_null(const PGresult *result, int row, int column) {
    return pq.PQgetisnull(result, row, column) == 1;
}

int pq_length(const PGresult *result, int row, int column) {
    return pq.PQgetlength(result, row, column);
}

const char *pq_value(const PGresult *result, int row, int column) {
    return pq.PQgetvalue(result, row, column);
}
