import CLibFuzzer
import FuzzTargets
import Glibc

// usage: ELMAN_FUZZ_TARGET=NAME fuzzer [libFuzzer's options and directories]…
// libFuzzer makes up bytes and keeps those that reach code which none before had reached. It starts
// this program again with options of its own, so the target is no argument.

let name = getenv("ELMAN_FUZZ_TARGET").map { String(cString: $0) } ?? ""
guard let target = FuzzTarget(rawValue: name) else {
    let names = FuzzTarget.allCases.map(\.rawValue).joined(separator: ", ")
    print("fuzzer: set ELMAN_FUZZ_TARGET to one of \(names)")
    exit(2)
}
nonisolated(unsafe) let finding = try target.subject()

/// libFuzzer looks for this name.
@_cdecl("LLVMFuzzerTestOneInput")
func feed(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    if let found = finding(Array(UnsafeBufferPointer(start: bytes, count: count))) {
        fatalError(found)
    }
    return 0
}

var count = CommandLine.argc
var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv
exit(LLVMFuzzerRunDriver(&count, &arguments, feed))
