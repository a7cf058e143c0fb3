/// What Elman uses of libpq, which is loaded at the first use.
///
/// libpq brings a score of libraries (Kerberos, LDAP, OpenSSL). A program that never meets
/// PostgreSQL does not pay for them at its start, and need not have them.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#pragma clang assume_nonnull begin

/// A connection of libpq. One thread at a time.
typedef struct pg_conn PGconn;
/// A result of libpq; to be cleared.
typedef struct pg_result PGresult;

/// Loads libpq. Any thread may call, as often as it likes; nothing else may be called before.
/// Returns NULL, or why it cannot be loaded, in words that stay.
const char *_Nullable pq_load(void);

/// Connects, and waits as long as `connect_timeout` says for each host. NULL without memory. Both
/// arrays end with NULL.
PGconn *_Nullable pq_connect(const char *_Nullable const *_Nonnull keywords,
                             const char *_Nullable const *_Nonnull values);
void pq_finish(PGconn *connection);
bool pq_is_connected(const PGconn *connection);
/// Whether a transaction is open, failed or not.
bool pq_is_in_transaction(const PGconn *connection);
/// Whether a transaction is open and can only be undone.
bool pq_is_failed_transaction(const PGconn *connection);
/// The last failure; dies with the next call.
const char *pq_error_message(const PGconn *connection);
int pq_socket(const PGconn *connection);
/// The server's version, such as 150018.
int pq_server_version(const PGconn *connection);
/// A setting that the server reports, such as `server_encoding`.
const char *_Nullable pq_parameter(const PGconn *connection, const char *name);
/// Never waits from now on; drops what the server wants to tell people.
bool pq_set_nonblocking(PGconn *connection);

/// Sends statements without parameters.
bool pq_send_script(PGconn *connection, const char *script);
/// Sends one statement, of which all parameters and results are binary.
bool pq_send(PGconn *connection, const char *sql, int count, const unsigned int *types,
             const char *_Nullable const *_Nonnull values, const int *lengths, const int *formats);
/// Prepares the nameless statement.
bool pq_send_prepare(PGconn *connection, const char *sql, int count, const unsigned int *types);
/// Runs the nameless statement.
bool pq_send_prepared(PGconn *connection, int count, const char *_Nullable const *_Nonnull values,
                      const int *lengths, const int *formats);
bool pq_enter_pipeline(PGconn *connection);
bool pq_exit_pipeline(PGconn *connection);
bool pq_sync_pipeline(PGconn *connection);

/// 0 if all was sent, 1 if the socket takes no more now, -1 on failure.
int pq_flush(PGconn *connection);
bool pq_consume_input(PGconn *connection);
bool pq_is_busy(PGconn *connection);
PGresult *_Nullable pq_get_result(PGconn *connection);
/// Takes one notification and says whether there was one.
bool pq_take_notification(PGconn *connection);

typedef enum : int {
    PQ_RESULT_DONE,     ///< The statement ran; there may be rows.
    PQ_RESULT_SYNC,     ///< The end of a pipeline.
    PQ_RESULT_ABORTED,  ///< A statement before it in the pipeline failed.
    PQ_RESULT_FAILED,   ///< The statement failed, or the connection did.
} pq_result_kind;

pq_result_kind pq_kind(const PGresult *result);
void pq_clear(PGresult *result);
/// The SQLSTATE of a failure; NULL when the server said none.
const char *_Nullable pq_state(const PGresult *result);
/// The server's sentence, without the details that may hold texts; NULL when it said none.
const char *_Nullable pq_message(const PGresult *result);
/// How many rows were changed, as digits; empty where that has no meaning.
const char *pq_changed(PGresult *result);
int pq_row_count(const PGresult *result);
int pq_column_count(const PGresult *result);
const char *_Nullable pq_column_name(const PGresult *result, int column);
bool pq_is_null(const PGresult *result, int row, int column);
int pq_length(const PGresult *result, int row, int column);
const char *_Nullable pq_value(const PGresult *result, int row, int column);

#pragma clang assume_nonnull end
