#include <stdlib.h>

#ifdef __GLIBC__
#include <malloc.h>
#endif

/// Gives what is free back to the system, where the C library would keep it for later.
static inline void return_free_memory(void) {
#ifdef __GLIBC__
    malloc_trim(0);
#endif
}
