internal import Glibc

/// The probability that `trials` independent trials, each a success with probability `chance`, have
/// at least `successes` successes.
///
/// A share of successes that would be reached with a probability of at most α if the true chance
/// were `chance` proves, at confidence 1 − α, that it is higher: `chance` is then below the
/// lower limit of Clopper and Pearson (1934).
///
/// - Complexity: O(trials − successes).
package func binomialTail(successes: Int, trials: Int, chance: Double) -> Double {
    precondition(0 < chance && chance < 1 && successes <= trials, "A chance is between 0 and 1")
    if successes <= 0 { return 1 }
    func logFactorial(_ number: Int) -> Double { lgamma(Double(number) + 1) }
    let first =
        logFactorial(trials) - logFactorial(successes) - logFactorial(trials - successes)
        + Double(successes) * log(chance) + Double(trials - successes) * log1p(-chance)
    var term = exp(first)
    var tail = 0.0
    for index in successes...trials {
        tail += term
        term *= Double(trials - index) / Double(index + 1) * chance / (1 - chance)
    }
    return min(tail, 1)
}
