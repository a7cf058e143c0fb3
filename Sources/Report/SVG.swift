internal import Evaluation

/// A drawing inside a page; its colours are classes of the page's style sheet.
///
/// Coordinates are pixels at the drawing's natural size; numbers are written with one decimal.
struct SVG {
    /// How much larger than its natural size it may be drawn.
    private static let growth = 1.16

    private let width: Double
    private let height: Double
    private let title: String
    private var body = ""

    /// Starts a drawing that says `title` to those who cannot see it.
    init(width: Double, height: Double, title: String) {
        self.width = width
        self.height = height
        self.title = title
    }

    /// The whole drawing as markup.
    var markup: String {
        "<svg viewBox=\"0 0 \(number(width)) \(number(height))\" role=img "
            + "width=\(number(width * SVG.growth)) "
            + "aria-label=\"\(HTML.escaped(title))\">"
            + "\(body)</svg>"
    }

    /// Where a text stands in relation to its point.
    enum Anchor: String {
        case start
        case middle
        case end
    }

    mutating func line(_ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, _ style: String) {
        body += "<line x1=\(number(x1)) y1=\(number(y1)) x2=\(number(x2)) y2=\(number(y2)) "
        body += "class=\"\(style)\" />"
    }

    mutating func polyline(_ points: [(x: Double, y: Double)], _ style: String) {
        let list = points.map { "\(number($0.x)),\(number($0.y))" }.joined(separator: " ")
        body += "<polyline points=\"\(list)\" class=\"\(style)\" />"
    }

    mutating func circle(
        _ x: Double,
        _ y: Double,
        radius: Double,
        _ style: String,
        tip: String? = nil
    ) {
        body += "<circle cx=\(number(x)) cy=\(number(y)) r=\(number(radius)) class=\"\(style)\">"
        body += tip.map { "<title>\(HTML.escaped($0))</title>" } ?? ""
        body += "</circle>"
    }

    /// A rectangle; `opacity` from 0 to 1.
    mutating func rectangle(
        _ x: Double,
        _ y: Double,
        width: Double,
        height: Double,
        _ style: String,
        opacity: Double? = nil,
        tip: String? = nil
    ) {
        body += "<rect x=\(number(x)) y=\(number(y)) width=\(number(width)) "
        body += "height=\(number(height)) class=\"\(style)\""
        body += opacity.map { " fill-opacity=\(decimal($0, digits: 2))" } ?? ""
        body += ">" + (tip.map { "<title>\(HTML.escaped($0))</title>" } ?? "") + "</rect>"
    }

    /// A text, upright or from the bottom to the top.
    mutating func text(
        _ x: Double,
        _ y: Double,
        _ text: String,
        _ anchor: Anchor = .start,
        _ style: String = "",
        isVertical: Bool = false,
        tip: String? = nil
    ) {
        body += "<text x=\(number(x)) y=\(number(y)) text-anchor=\(anchor.rawValue)"
        if !style.isEmpty { body += " class=\"\(style)\"" }
        if isVertical { body += " transform=\"rotate(-90 \(number(x)) \(number(y)))\"" }
        body += ">\(HTML.escaped(text))"
        body += (tip.map { "<title>\(HTML.escaped($0))</title>" } ?? "") + "</text>"
    }
}

private func number(_ value: Double) -> String { decimal(value, digits: 1) }

/// A linear axis with ticks at round numbers.
struct Axis {
    let range: ClosedRange<Double>
    let ticks: [Double]
    private let digits: Int
    private let start: Double
    private let length: Double

    /// An axis that holds `values` from 0 on.
    ///
    /// - Parameters:
    ///   - largest: the largest value.
    ///   - start: where 0 is drawn.
    ///   - length: pixels from 0 to the end; negative for an axis that goes up.
    ///   - wanted: how many ticks there are, about.
    init(upTo largest: Double, from start: Double, length: Double, ticks wanted: Int = 5) {
        let largest = largest.isFinite && largest > 0 ? largest : 1
        var power = 1.0
        while power * 10 <= largest / Double(wanted) { power *= 10 }
        while power > largest / Double(wanted) && power > 1e-6 { power /= 10 }
        let step =
            [1, 2, 5, 10].map { $0 * power }.first { largest / $0 <= Double(wanted) } ?? 10 * power
        let count = Int((largest / step).rounded(.up))
        ticks = (0...max(count, 1)).map { Double($0) * step }
        range = 0...(ticks.last ?? 1)
        var digits = 0
        var rest = step
        while digits < 6 && abs(rest - rest.rounded()) > 1e-6 {
            rest *= 10
            digits += 1
        }
        self.digits = digits
        self.start = start
        self.length = length
    }

    /// Where a value is drawn.
    func place(_ value: Double) -> Double { start + length * value / range.upperBound }

    /// A tick in words.
    func label(_ tick: Double) -> String {
        digits == 0 ? "\(Int(tick.rounded()))" : decimal(tick, digits: digits)
    }
}
