import Evaluation
import JSON
import Report
import Testing

@Suite struct RecipeTableTests {
    @Test("the table has a row for each")
    func table() {
        let evaluation = Evaluation(
            labels: ["a", "b"],
            confusion: [[3, 1], [0, 0]],
            totalLoss: 2
        )
        let table = RecipeTable(
            [
                .init(
                    name: "linear",
                    evaluation: evaluation,
                    training: .milliseconds(1234),
                    parameters: 42,
                    timePerText: .nanoseconds(12_340),
                    remark: "why"
                ),
                .init(
                    name: "gru",
                    evaluation: nil,
                    training: .seconds(2),
                    parameters: nil,
                    timePerText: nil,
                    remark: "training diverged"
                ),
            ],
            trainingRows: 6,
            heldOutRows: 6
        )
        #expect(
            table.description == """
                model   accuracy  macro-F1     NLL     ECE  train s  parameters  µs/text
                linear   75.00 %     0.429  0.5000  0.00 %     1.23          42     12.3
                gru            -         -       -       -     2.00           -        -

                linear: why
                gru: training diverged
                trained on 6 rows, scored on 6 others

                """
        )
        var writer = JSONWriter()
        table.encode(to: &writer)
        let json = String(decoding: writer.finish(), as: UTF8.self)
        #expect(
            json.contains(
                "\"name\":\"linear\",\"accuracy\":0.75,\"macro_f1\":0.428571,"
                    + "\"loss\":0.5,\"ece\":0.0,"
            )
        )
        #expect(json.contains("\"accuracy\":null"))
    }
}
