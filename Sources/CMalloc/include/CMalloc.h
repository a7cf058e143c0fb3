#pragma once

/// From now on large blocks go back to the system as soon as they are free. The C library would
/// otherwise keep the more of them the larger they are.
void return_large_blocks(void);

/// Gives what is free back to the system, where the C library would keep it for later.
void return_free_memory(void);

/// Lets go of the pages of code and constants of the program and its libraries, which are as their
/// files have them. What still runs comes back from the page cache; what only the start needed
/// stays out of memory.
void return_code_pages(void);

/// The processor that this thread runs on, below 0 if that cannot be told: a read of the thread's
/// own memory where the kernel has restartable sequences. Swift's Glibc leaves it out.
int sched_getcpu(void);

/// From now on this thread runs only where no other one wants to.
void run_when_idle(void);
