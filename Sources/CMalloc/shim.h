#define _GNU_SOURCE
#include <stdint.h>
#include <stdlib.h>

#ifdef __GLIBC__
#include <link.h>
#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>
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

#ifdef __GLIBC__
static inline int return_code_pages_of(struct dl_phdr_info *file, size_t size, void *data) {
    (void)size, (void)data;
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    for (int i = 0; i < file->dlpi_phnum; i++) {
        ElfW(Phdr) segment = file->dlpi_phdr[i];
        if (segment.p_type != PT_LOAD || (segment.p_flags & PF_W)) continue;
        uintptr_t begin = file->dlpi_addr + segment.p_vaddr;
        uintptr_t end = (begin + segment.p_memsz) & ~(page - 1);
        begin = (begin + page - 1) & ~(page - 1);
        if (begin < end) madvise((void *)begin, end - begin, MADV_DONTNEED);
    }
    return 0;
}
#endif

/// Lets go of the pages of code and constants of the program and its libraries, which are as their
/// files have them. What still runs comes back from the page cache; what only the start needed
/// stays out of memory.
static inline void return_code_pages(void) {
#ifdef __GLIBC__
    dl_iterate_phdr(return_code_pages_of, NULL);
#endif
}

/// The processor that this thread runs on, below 0 if that cannot be told: a read of the thread's
/// own memory where the kernel has restartable sequences. Swift's Glibc leaves it out.
int sched_getcpu(void);
