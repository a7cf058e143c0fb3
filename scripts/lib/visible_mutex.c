// Lets ThreadSanitizer see Swift's Mutex where threads meet: its slow path lives in a library that
// is not instrumented, so that a correct program would be reported. scripts/sanitize links this
// into the thread build.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdint.h>
#include <stdlib.h>

#define SELF __attribute__((swift_context)) void *

void __tsan_acquire(void *address);
void __tsan_release(void *address);

typedef __attribute__((swiftcall)) void lock_function(uint32_t thread, SELF mutex);
typedef __attribute__((swiftcall)) void unlock_function(SELF mutex);

lock_function lock_slow __asm__("$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF");
unlock_function unlock_slow __asm__("$s15Synchronization12_MutexHandleV11_unlockSlowyyF");

static void *original(const char *name) {
    void *function = dlsym(RTLD_NEXT, name);
    if (!function) abort();  // Another standard library: look up the names anew.
    return function;
}

__attribute__((swiftcall)) void lock_slow(uint32_t thread, SELF mutex) {
    lock_function *lock = original("$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF");
    lock(thread, mutex);
    __tsan_acquire(mutex);
}

__attribute__((swiftcall)) void unlock_slow(SELF mutex) {
    __tsan_release(mutex);
    ((unlock_function *)original("$s15Synchronization12_MutexHandleV11_unlockSlowyyF"))(mutex);
}
