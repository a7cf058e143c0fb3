/// `value` with a fixed number of digits behind the point, as `%.*f` prints it.
///
/// - Precondition: `digits` is at least 1, and `value` is below a million million.
package func decimal(_ value: Double, digits: Int) -> String {
    precondition(value.isFinite && abs(value) < 1e12, "Too large for fixed digits")
    var scale = 1
    for _ in 0..<digits { scale *= 10 }
    let units = Int((abs(value) * Double(scale)).rounded())
    let fraction = String(units % scale)
    let zeros = String(repeating: "0", count: digits - fraction.count)
    return "\(value < 0 && units > 0 ? "-" : "")\(units / scale).\(zeros)\(fraction)"
}

/// A share from 0 to 1 in percent, with a fixed number of digits behind the point; without a point
/// where that is 0.
package func percent(_ share: Double, digits: Int) -> String {
    digits == 0
        ? "\(Int((100 * share).rounded())) %" : "\(decimal(100 * share, digits: digits)) %"
}
