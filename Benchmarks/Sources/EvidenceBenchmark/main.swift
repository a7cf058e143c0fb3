// Whether reported figures and decisions can be believed, on real data (label, tab, text).
//
//     swift run -c release --package-path Benchmarks EvidenceBenchmark \
//         SCENARIO ROWS FIRST LAST FILE…
//
// SCENARIO is
//   figures    ROWS rows are learnt, the others are asked: reported figures against the truth
//   refit      ROWS rows are learnt, without and with the held-out tenth in the end
//   shuffled   a third of the labels of ROWS rows are shuffled in the second version
//   corrected  30 corrections come to ROWS rows a label
//   mistaught  30 corrections with wrong labels come to ROWS rows a label
//   new-label  20 rows of a new label come to ROWS rows of each other label
//   seeds      ROWS rows are trained on 50 times more, each time with another seed
// Each run from FIRST to LAST draws other rows and prints a line; docs/promotion.md has the
// columns.
import Glibc

let arguments = Array(CommandLine.arguments.dropFirst())
let numbers = arguments.dropFirst().prefix(3).compactMap { Int($0) }
guard numbers.count == 3, numbers[1] <= numbers[2], arguments.count > 4 else {
    print(
        "usage: EvidenceBenchmark figures|refit|shuffled|corrected|mistaught|new-label|seeds "
            + "ROWS FIRST LAST FILE…"
    )
    exit(64)
}
let pool = rows(Array(arguments.dropFirst(4)))
let figures = Figures(pool: pool, count: numbers[0], threads: 1)
let isPerLabel = ["corrected", "mistaught", "new-label"].contains(arguments[0])
let decisions = Decisions(pool: pool, count: numbers[0], perLabel: isPerLabel, threads: 1)
for run in numbers[1]...numbers[2] {
    switch arguments[0] {
    case "figures": print(try figures.run(seed: run))
    case "refit": print(try figures.refit(seed: run))
    case "shuffled": print(try decisions.shuffled(run))
    case "corrected": print(try decisions.corrected(run, areRight: true))
    case "mistaught": print(try decisions.corrected(run, areRight: false))
    case "new-label": print(try decisions.newLabel(run))
    case "seeds": for line in try decisions.seeds(run, looks: 50) { print(line) }
    default:
        print("no scenario \"\(arguments[0])\"")
        exit(64)
    }
    fflush(nil)
}
