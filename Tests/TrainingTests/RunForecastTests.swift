import Testing

@testable import Training

@Suite("What is left of a run")
struct RunForecastTests {
    /// Runs tasks one after the other by a clock that is told.
    ///
    /// - Returns: after each epoch the seconds that were told, and those that were really left.
    private static func replay(
        _ tasks: [RunForecast.Task],
        epochs: Int,
        secondsPerEpoch: [Double]
    ) -> [(told: Double, real: Double)] {
        var forecast = RunForecast([tasks], threads: 1)
        var now = ContinuousClock.now
        let whole = secondsPerEpoch.reduce(0, +) * Double(epochs)
        var (elapsed, seen): (Double, [(told: Double, real: Double)]) = (0, [])
        for task in tasks.indices {
            for _ in 0..<epochs {
                for _ in 0..<10 {
                    forecast.advance(task, share: 0.1, now: now)
                    let seconds = secondsPerEpoch[task] / 10
                    now += .seconds(seconds)
                    elapsed += seconds
                }
                forecast.finishEpoch(task)
                seen.append((forecast.secondsLeft, whole - elapsed))
            }
            forecast.end(task)
        }
        return seen
    }

    @Test("the time left is right from the first epochs of both paths on, whatever their paces")
    func timeLeft() {
        // Three folds; a recurrent epoch takes twenty times as long as a linear one.
        let paths: [NetworkPath] = [.recurrent, .linear, .recurrent, .recurrent, .linear, .linear]
        let seen = RunForecastTests.replay(
            paths.map { .init($0.work, texts: 100, epochs: 10) },
            epochs: 10,
            secondsPerEpoch: paths.map { $0 == .recurrent ? 2 : 0.1 }
        )
        for (told, real) in seen.dropFirst(3) { #expect(abs(told - real) <= 0.25 * real + 0.5) }
    }

    @Test("every epoch of every task counts, and what ends early counts no further")
    func epochs() {
        var forecast = RunForecast(
            [
                [.init(.recurrent, texts: 10, epochs: 4), .init(.linear, texts: 10, epochs: 6)],
                [.init(.recurrent, texts: 12, epochs: 2), .init(.linear, texts: 12, epochs: 0)],
            ],
            threads: 2
        )
        #expect(forecast.epoch == 1)
        #expect(forecast.epochs == 12)
        var now = ContinuousClock.now
        for task in [0, 1, 1] {
            forecast.advance(task, share: 1, now: now)
            forecast.finishEpoch(task)
            now += .seconds(1)
        }
        #expect(forecast.epoch == 4)
        forecast.end(1)
        #expect(forecast.epochs == 8)
        forecast.expect(0, epochs: 3)
        #expect(forecast.epochs == 7)
        #expect(forecast.epochsDone == 3)
        #expect(forecast.secondsLeft >= 0)
    }

    @Test("a path that overfits early is expected to stop early")
    func likelyEnd() {
        func end(_ losses: [(Double, Double)]) -> Double {
            let points = losses.enumerated().map { index, losses in
                LossCurve.Point(epoch: index + 1, loss: losses.0, heldOutLoss: losses.1)
            }
            return LossCurve.likelyEnd(points, atMost: 20, isLinear: false)
        }
        #expect(end([(0.6, 0.5)]) == 20)
        let early = end([(0.6, 0.5), (0.4, 0.42), (0.28, 0.4)])
        let late = end([(2.6, 1.2), (1.3, 0.7), (0.9, 0.58)])
        #expect(early >= 3)
        #expect(late > early)
        #expect(late <= 20)
    }
}
