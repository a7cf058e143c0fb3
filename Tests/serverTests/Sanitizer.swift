import Foundation

/// Whether the programs under test are built with a sanitizer, as `scripts/sanitize` does: then
/// memory is kept back on purpose, and no library may be loaded before the sanitizer's.
let runsUnderSanitizer = ["ASAN_OPTIONS", "TSAN_OPTIONS"].contains {
    ProcessInfo.processInfo.environment[$0] != nil
}
