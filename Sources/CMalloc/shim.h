#include <stdlib.h>

#ifdef __GLIBC__
#include <malloc.h>
#endif

/// From now on large blocks go back to the system as soon as they are free. The C library would
/// otherwise keep the more of them the larger they are.
static inline void return_large_blocks(void) {
#ifdef __GLIBC__
    mallopt(M_MMAP_THRESHOLD, 512 * 1024);
#endif
}

/// Gives what is free back to the system, where the C library would keep it for later.
static inline void return_free_memory(void) {
#ifdef __GLIBC__
    malloc_trim(0);
#endif
}

/// The processor that this thread runs on, below 0 if that cannot be told: a read of the thread's
/// own memory where the kernel has restartable sequences. Swift's Glibc leaves it out.
int sched_getcpu(void);
