import Evaluation
import Optimization
import Report
import Testing

@Suite struct ProgressLineTests {
    private func progress(_ fraction: Double, elapsed: Duration) -> TrainingProgress {
        TrainingProgress(
            epoch: Int(fraction * 1000),
            epochs: 1000,
            fraction: fraction,
            loss: 0.01234,
            accuracy: 0.9833,
            elapsed: elapsed
        )
    }

    @Test("says epoch, loss, accuracy and the time left")
    func plain() {
        #expect(
            ProgressLine(progress(0.25, elapsed: .seconds(4))).plain
                == "epoch 250/1000  loss 0.0123  accuracy 98.3 %  12 s left"
        )
        #expect(
            ProgressLine(progress(0.5, elapsed: .seconds(200))).plain.hasSuffix("3 min 20 s left")
        )
        #expect(
            ProgressLine(progress(1, elapsed: .milliseconds(450))).plain.hasSuffix("in 0.5 s")
        )
    }

    @Test("the bar fills what the terminal has, and never wraps", arguments: [10, 40, 70, 80, 200])
    func bar(columns: Int) {
        let line = ProgressLine(progress(0.5, elapsed: .seconds(4))).bar(columns: columns)
        #expect(line.count < columns)
        if columns >= 80 {
            let filled = line.filter { $0 == "█" }.count
            #expect(filled >= 5)
            #expect(filled - line.filter { $0 == "░" }.count <= 1)
        }
    }

    @Test("a log gets about ten lines a run, however often it is told")
    func pace() {
        var pace = ProgressPace()
        let lines = (1...1000).filter {
            pace.isDue(progress(Double($0) / 1000, elapsed: .milliseconds($0)))
        }
        #expect((10...12).contains(lines.count))
        #expect(lines.last == 1000)
    }

    @Test("a long run says something every half minute")
    func longRun() {
        var pace = ProgressPace()
        let lines = (1...3600).filter { pace.isDue(progress(0.001, elapsed: .seconds($0))) }
        #expect((115...121).contains(lines.count))
    }
}
