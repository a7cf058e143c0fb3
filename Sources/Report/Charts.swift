internal import Evaluation

/// The drawings of a report; each takes the figures that a report holds.
enum Charts {
    private static let width = 420.0

    /// Loss by epoch, a line for each path and part of the rows.
    ///
    /// - Parameter series: the values, each with its epochs and the class of its line.
    /// - Returns: The drawing.
    static func loss(
        _ series: [(epochs: [Double], values: [Double], style: String)]
    ) -> String {
        let (left, right, top, bottom) = (46.0, 12.0, 10.0, 40.0)
        let height = 260.0
        var svg = SVG(width: width, height: height, title: "Loss by epoch")
        let x = Axis(
            upTo: series.flatMap(\.epochs).max() ?? 1,
            from: left,
            length: width - left - right,
            ticks: 6
        )
        let y = Axis(
            upTo: series.flatMap(\.values).max() ?? 1,
            from: height - bottom,
            length: -(height - top - bottom)
        )
        frame(&svg, x: x, y: y, xTitle: "epoch", yTitle: "loss in nats", left: left, bottom: bottom)
        for line in series {
            let points = zip(line.epochs, line.values).map { (x.place($0), y.place($1)) }
            svg.polyline(points, "curve \(line.style)")
            if points.count == 1 {
                svg.circle(points[0].0, points[0].1, radius: 3, "dot \(line.style)")
            }
        }
        return svg.markup
    }

    /// How often answers of a score are right; on the diagonal, scores mean what they say.
    static func reliability(
        _ bins: [(score: Double, accuracy: Double, rows: Int)]
    ) -> String {
        let (left, right, top, bottom) = (46.0, 12.0, 10.0, 40.0)
        let height = 340.0
        var svg = SVG(width: width, height: height, title: "Share of right answers by score")
        let x = Axis(upTo: 1, from: left, length: width - left - right)
        let y = Axis(upTo: 1, from: height - bottom, length: -(height - top - bottom))
        frame(
            &svg,
            x: x,
            y: y,
            xTitle: "score",
            yTitle: "share that is right",
            left: left,
            bottom: bottom
        )
        svg.line(x.place(0), y.place(0), x.place(1), y.place(1), "ideal")
        let most = Double(bins.map(\.rows).max() ?? 1)
        svg.polyline(bins.map { (x.place($0.score), y.place($0.accuracy)) }, "curve a")
        for bin in bins {
            svg.circle(
                x.place(bin.score),
                y.place(bin.accuracy),
                radius: 3 + 7 * (Double(bin.rows) / most).squareRoot(),
                "dot a",
                tip: "\(bin.rows) rows: score \(decimal(bin.score, digits: 3)), right "
                    + "\(decimal(bin.accuracy, digits: 3))"
            )
        }
        return svg.markup
    }

    /// A bar for each label, in the given order.
    static func bars(_ bars: [(label: String, value: Double, rows: Int)]) -> String {
        let (labels, numbers, row) = (150.0, 84.0, 20.0)
        let header = 18.0
        var svg = SVG(
            width: width,
            height: header + Double(bars.count) * row,
            title: "F1 and rows of each label"
        )
        let length = width - labels - numbers
        svg.text(width - 44, 11, "F1", .end, "small")
        svg.text(width, 11, "rows", .end, "small")
        for (index, bar) in bars.enumerated() {
            let top = header + Double(index) * row
            let base = top + 14
            svg.text(
                labels - 8,
                base,
                HTML.shortened(bar.label, to: 20),
                .end,
                tip: bar.label
            )
            svg.rectangle(labels, top + 4, width: length, height: 12, "track")
            svg.rectangle(labels, top + 4, width: length * bar.value, height: 12, "bar")
            svg.text(width - 44, base, decimal(bar.value, digits: 3), .end, "figure")
            svg.text(width, base, "\(bar.rows)", .end, "figure faint")
        }
        return svg.markup
    }

    /// The most labels whose names stand beside a confusion matrix.
    static let namedLabels = 25

    /// How often a label was given another; beyond `namedLabels` places stand for names.
    ///
    /// - Parameters:
    ///   - labels: the labels.
    ///   - cells: true label, predicted label, rows.
    /// - Returns: The drawing.
    static func confusion(
        _ labels: [String],
        _ cells: [(truth: Int, predicted: Int, rows: Int)]
    ) -> String {
        let layout = ConfusionLayout(labels)
        var svg = SVG(
            width: layout.margin + layout.size + 2,
            height: layout.size + layout.below + 18,
            title: "Confusion matrix: true labels down, predicted labels across"
        )
        svg.rectangle(layout.margin, 0, width: layout.size, height: layout.size, "plot")
        var sums: [Int: Int] = [:]
        for cell in cells { sums[cell.truth, default: 0] += cell.rows }
        for cell in cells {
            let share = Double(cell.rows) / Double(max(sums[cell.truth] ?? 1, 1))
            let tip = "\(labels[cell.truth]) → \(labels[cell.predicted]): \(cell.rows)"
            draw(cell, share: share, tip: tip, layout, &svg)
        }
        for (index, label) in labels.enumerated() { draw(label, at: index, layout, &svg) }
        svg.text(
            layout.margin + layout.size / 2,
            layout.size + layout.below + 12,
            layout.isNamed
                ? "predicted (true labels down)" : "predicted, as places in the list of labels",
            .middle,
            "small"
        )
        return svg.markup
    }

    /// Where the parts of a confusion matrix stand.
    private struct ConfusionLayout {
        /// Whether names stand beside the cells, not places.
        let isNamed: Bool
        /// Whether the names below stand upright: only where they fit across.
        let isUpright: Bool
        /// The width of the names on the left.
        let margin: Double
        /// The side of a cell, and of all cells.
        let side, size: Double
        /// The height of the names below.
        let below: Double

        init(_ labels: [String]) {
            isNamed = labels.count <= namedLabels
            let longest = labels.map { min($0.count, 16) }.max() ?? 1
            margin = isNamed ? 14 + 6.4 * Double(longest) : 34
            let room = isNamed ? max(width - margin, 15 * Double(labels.count)) : 390
            side = min(room / Double(max(labels.count, 1)), 56)
            size = side * Double(labels.count)
            isUpright = isNamed && side >= 6.4 * Double(longest) + 6
            below = isNamed && !isUpright ? margin : 34
        }
    }

    /// Draws a cell of a confusion matrix, the darker the greater its share of the true label.
    private static func draw(
        _ cell: (truth: Int, predicted: Int, rows: Int),
        share: Double,
        tip: String,
        _ layout: ConfusionLayout,
        _ svg: inout SVG
    ) {
        let side = layout.side
        let (x, y) = (layout.margin + side * Double(cell.predicted), side * Double(cell.truth))
        svg.rectangle(
            x,
            y,
            width: side,
            height: side,
            cell.truth == cell.predicted ? "right" : "wrong",
            opacity: 0.15 + 0.85 * share,
            tip: tip
        )
        guard side >= 7 * Double("\(cell.rows)".count) && side >= 13 else { return }
        let style = share > 0.45 ? "small inverse" : "small"
        svg.text(x + side / 2, y + side / 2 + 4, "\(cell.rows)", .middle, style)
    }

    /// Draws the name of a label beside and below a confusion matrix; of many each tenth place.
    private static func draw(
        _ label: String,
        at index: Int,
        _ layout: ConfusionLayout,
        _ svg: inout SVG
    ) {
        let (margin, size) = (layout.margin, layout.size)
        let place = layout.side * (Double(index) + 0.5)
        guard layout.isNamed else {
            guard index % 10 == 0 else { return }
            svg.text(margin - 6, place + 4, "\(index)", .end, "small")
            return svg.text(margin + place, size + 14, "\(index)", .middle, "small")
        }
        let name = HTML.shortened(label, to: 16)
        svg.text(margin - 6, place + 4, name, .end, "small", tip: label)
        if layout.isUpright {
            svg.text(margin + place, size + 14, name, .middle, "small", tip: label)
        } else {
            let (x, y) = (margin + place + 4, size + 6)
            svg.text(x, y, name, .end, "small", isVertical: true, tip: label)
        }
    }

    /// Grid, ticks and titles of a plot.
    private static func frame(
        _ svg: inout SVG,
        x: Axis,
        y: Axis,
        xTitle: String,
        yTitle: String,
        left: Double,
        bottom: Double
    ) {
        let (end, top) = (x.place(x.range.upperBound), y.place(y.range.upperBound))
        let base = y.place(0)
        svg.rectangle(left, top, width: end - left, height: base - top, "plot")
        for tick in y.ticks {
            svg.line(left, y.place(tick), end, y.place(tick), "grid")
            svg.text(left - 6, y.place(tick) + 4, y.label(tick), .end, "small")
        }
        for tick in x.ticks {
            svg.line(x.place(tick), base, x.place(tick), base + 4, "grid")
            // The last label would reach over the edge.
            let anchor: SVG.Anchor = tick == x.ticks.last ? .end : .middle
            svg.text(
                x.place(tick) + (anchor == .end ? 4 : 0),
                base + 17,
                x.label(tick),
                anchor,
                "small"
            )
        }
        svg.text((left + end) / 2, base + bottom - 6, xTitle, .middle, "small")
        svg.text(11, (top + base) / 2, yTitle, .middle, "small", isVertical: true)
    }
}
