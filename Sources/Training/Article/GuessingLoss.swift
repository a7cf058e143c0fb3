internal import Glibc

/// The cross-entropy of guessing among `classCount` labels, `ln classCount` nats.
func guessingLoss(classCount: Int) -> Double { log(Double(classCount)) }
