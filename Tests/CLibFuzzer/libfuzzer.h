/// What LLVM's libFuzzer offers to a program with a `main` of its own. LLVM has no header for it.
#pragma once

#include <stddef.h>
#include <stdint.h>

/// Runs `feed` with made-up bytes until it crashes or an option ends it.
///
/// `count` and `arguments` are those of `main`. Returns the status to exit with.
int LLVMFuzzerRunDriver(
    int *_Nonnull count, char *_Nullable *_Nullable *_Nonnull arguments,
    int (*_Nonnull feed)(const uint8_t *_Nullable bytes, size_t byte_count));
