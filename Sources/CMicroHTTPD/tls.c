/// TLS: certificate, key and what is spoken.
///
/// libmicrohttpd takes one certificate for good. So each session gets ours when its connection
/// begins, and keeps it: another certificate is for later connections.

#define _GNU_SOURCE  // RTLD_NEXT
#include "internal.h"

#include <dlfcn.h>
#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <microhttpd.h>
#include <stdlib.h>
#include <time.h>

/// Forward secrecy and authenticated ciphers alone.
const char tls_priorities[] =
    "NONE:+VERS-TLS1.3:+VERS-TLS1.2:+ECDHE-ECDSA:+ECDHE-RSA:+AES-256-GCM:+CHACHA20-POLY1305"
    ":+AES-128-GCM:+AEAD:+GROUP-X25519:+GROUP-SECP256R1:+GROUP-SECP384R1:+GROUP-SECP521R1"
    ":+SIGN-EDDSA-ED25519:+SIGN-ECDSA-SHA256:+SIGN-ECDSA-SHA384:+SIGN-ECDSA-SHA512"
    ":+SIGN-ECDSA-SECP256R1-SHA256:+SIGN-ECDSA-SECP384R1-SHA384:+SIGN-ECDSA-SECP521R1-SHA512"
    ":+SIGN-RSA-PSS-RSAE-SHA256:+SIGN-RSA-PSS-RSAE-SHA384:+SIGN-RSA-PSS-RSAE-SHA512"
    ":+SIGN-RSA-SHA256:+SIGN-RSA-SHA384:+SIGN-RSA-SHA512"
    ":+COMP-NULL:+CTYPE-X509:%SERVER_PRECEDENCE";

struct credentials {
    atomic_int references; ///< One of its `mhd_tls`, one of each connection that uses it.
    gnutls_certificate_credentials_t pair;
};

struct mhd_tls {
    atomic_int references;
    pthread_mutex_t lock;
    credentials *current; ///< Under `lock`.
};

mhd_tls *mhd_tls_create(void) {
    mhd_tls *tls = calloc(1, sizeof(mhd_tls));
    if (!tls) return NULL;
    atomic_init(&tls->references, 1);
    pthread_mutex_init(&tls->lock, NULL);
    return tls;
}

void mhd_tls_release(mhd_tls *tls) {
    if (atomic_fetch_sub_explicit(&tls->references, 1, memory_order_acq_rel) != 1) return;
    credentials_release(tls->current);
    pthread_mutex_destroy(&tls->lock);
    free(tls);
}

void tls_retain(mhd_tls *tls) {
    atomic_fetch_add_explicit(&tls->references, 1, memory_order_relaxed);
}

void credentials_release(credentials *released) {
    if (!released) return;
    if (atomic_fetch_sub_explicit(&released->references, 1, memory_order_acq_rel) != 1) return;
    gnutls_certificate_free_credentials(released->pair);
    free(released);
}

/// Puts both into `*made`.
static mhd_tls_failure join(
    gnutls_x509_crt_t *chain, unsigned int count, gnutls_x509_privkey_t key, credentials **made) {
    *made = calloc(1, sizeof(credentials));
    if (!*made) return mhd_tls_failure_out_of_memory;
    atomic_init(&(*made)->references, 1);
    int status = gnutls_certificate_allocate_credentials(&(*made)->pair);
    if (status == 0) {
        status = gnutls_certificate_set_x509_key((*made)->pair, chain, (int)count, key);
        if (status >= 0) return mhd_tls_failure_none;
        gnutls_certificate_free_credentials((*made)->pair);
    }
    free(*made);
    return status == GNUTLS_E_CERTIFICATE_KEY_MISMATCH ? mhd_tls_failure_mismatch
                                                       : mhd_tls_failure_out_of_memory;
}

static mhd_tls_failure check_dates(gnutls_x509_crt_t certificate, int64_t *expires) {
    time_t now = time(NULL);
    *expires = gnutls_x509_crt_get_expiration_time(certificate);
    if (*expires <= now) return mhd_tls_failure_expired;
    return gnutls_x509_crt_get_activation_time(certificate) > now
        ? mhd_tls_failure_not_yet_valid
        : mhd_tls_failure_none;
}

static gnutls_datum_t datum_of(mhd_slice slice) {
    return (gnutls_datum_t){(unsigned char *)slice.bytes, (unsigned int)slice.count};
}

static mhd_tls_failure read_key(mhd_slice text, gnutls_x509_privkey_t *key) {
    gnutls_datum_t datum = datum_of(text);
    if (gnutls_x509_privkey_init(key) != 0) return mhd_tls_failure_out_of_memory;
    int status = gnutls_x509_privkey_import2(*key, &datum, GNUTLS_X509_FMT_PEM, NULL, 0);
    if (status == 0) return mhd_tls_failure_none;
    gnutls_x509_privkey_deinit(*key);
    return status == GNUTLS_E_DECRYPTION_FAILED ? mhd_tls_failure_encrypted_key
                                                : mhd_tls_failure_bad_key;
}

mhd_tls_failure mhd_tls_use(
    mhd_tls *tls, mhd_slice certificate, mhd_slice key_text, int64_t *expires) {
    gnutls_x509_crt_t *chain = NULL;
    unsigned int count = 0;
    gnutls_datum_t datum = datum_of(certificate);
    int status = gnutls_x509_crt_list_import2(
        &chain, &count, &datum, GNUTLS_X509_FMT_PEM, GNUTLS_X509_CRT_LIST_SORT);
    if (status < 0 || count == 0) return mhd_tls_failure_bad_certificate;
    credentials *made = NULL;
    mhd_tls_failure failure = check_dates(chain[0], expires);
    gnutls_x509_privkey_t key;
    if (failure == mhd_tls_failure_none) failure = read_key(key_text, &key);
    if (failure == mhd_tls_failure_none) {
        failure = join(chain, count, key, &made);
        gnutls_x509_privkey_deinit(key);
    }
    for (unsigned int i = 0; i < count; i++) gnutls_x509_crt_deinit(chain[i]);
    gnutls_free(chain);
    if (failure != mhd_tls_failure_none) return failure;
    pthread_mutex_lock(&tls->lock);
    credentials *before = tls->current;
    tls->current = made;
    pthread_mutex_unlock(&tls->lock);
    credentials_release(before);
    return mhd_tls_failure_none;
}

// Sessions.

static gnutls_session_t session_of(struct MHD_Connection *handle) {
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(handle, MHD_CONNECTION_INFO_GNUTLS_SESSION);
    return info ? info->tls_session : NULL;
}

credentials *tls_begin(mhd_tls *tls, struct MHD_Connection *handle) {
    gnutls_session_t session = session_of(handle);
    pthread_mutex_lock(&tls->lock);
    credentials *used = tls->current;
    if (used) atomic_fetch_add_explicit(&used->references, 1, memory_order_relaxed);
    pthread_mutex_unlock(&tls->lock);
    if (session && used) gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE, used->pair);
    return used;
}

bool tls_send_last(struct MHD_Connection *handle, const char *bytes, size_t count) {
    gnutls_session_t session = session_of(handle);
    if (!session) return false;
    gnutls_record_send(session, bytes, count);
    gnutls_bye(session, GNUTLS_SHUT_WR);
    return true;
}

typedef ssize_t receive_function(gnutls_session_t session, void *bytes, size_t capacity);

static receive_function *library_receive;

static void find_library_receive(void) {
    library_receive = (receive_function *)dlsym(RTLD_NEXT, "gnutls_record_recv");
}

/// Stands before GnuTLS's own. libmicrohttpd ends a session whose client wants to shake hands once
/// more, but as if all were well; the client shall know that it must not.
__attribute__((visibility("default"))) ssize_t gnutls_record_recv(
    gnutls_session_t session, void *bytes, size_t capacity) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, find_library_receive);
    ssize_t result = library_receive(session, bytes, capacity);
    if (result == GNUTLS_E_REHANDSHAKE)
        gnutls_alert_send(session, GNUTLS_AL_FATAL, GNUTLS_A_NO_RENEGOTIATION);
    return result;
}

/// libmicrohttpd asks for a source of certificates at its start. Sessions have their own.
static int no_certificate(
    gnutls_session_t session, const gnutls_datum_t *names, int name_count,
    const gnutls_pk_algorithm_t *algorithms, int algorithm_count, gnutls_pcert_st **certificates,
    unsigned int *certificate_count, gnutls_privkey_t *key) {
    (void)session, (void)names, (void)name_count, (void)algorithms, (void)algorithm_count;
    (void)certificates, (void)certificate_count, (void)key;
    return -1;
}

void *tls_certificate_source(void) { return (void *)no_certificate; }

size_t mhd_tls_ask(int socket, mhd_slice request, char *answer, size_t capacity) {
    gnutls_session_t session;
    gnutls_certificate_credentials_t nobody;
    if (gnutls_certificate_allocate_credentials(&nobody) != 0) return 0;
    size_t count = 0;
    if (gnutls_init(&session, GNUTLS_CLIENT | GNUTLS_NO_SIGNAL) == 0) {
        gnutls_set_default_priority(session);
        gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE, nobody);
        gnutls_transport_set_int(session, socket);
        ssize_t step = gnutls_handshake(session) == 0
            ? gnutls_record_send(session, request.bytes, request.count)
            : -1;
        while (step > 0 && count < capacity) {
            step = gnutls_record_recv(session, answer + count, capacity - count);
            if (step > 0) count += (size_t)step;
        }
        gnutls_deinit(session);
    }
    gnutls_certificate_free_credentials(nobody);
    return count;
}
