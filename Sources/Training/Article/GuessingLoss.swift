#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Darwin
#endif

/// The cross-entropy of guessing among `classCount` labels, `ln classCount` nats.
func guessingLoss(classCount: Int) -> Double { log(Double(classCount)) }
