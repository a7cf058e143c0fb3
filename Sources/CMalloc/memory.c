#define _GNU_SOURCE
#include "CMalloc.h"

#include <link.h>
#include <malloc.h>
#include <sched.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

void return_large_blocks(void) { mallopt(M_MMAP_THRESHOLD, 512 * 1024); }

void return_free_memory(void) { malloc_trim(0); }

static int return_code_pages_of(struct dl_phdr_info *file, size_t size, void *data) {
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

void return_code_pages(void) { dl_iterate_phdr(return_code_pages_of, NULL); }

void run_when_idle(void) {
    struct sched_param none = {0};
    // Of Linux, both calls are about the thread that asks.
    if (sched_setscheduler(0, SCHED_IDLE, &none) != 0) setpriority(PRIO_PROCESS, 0, 19);
}
