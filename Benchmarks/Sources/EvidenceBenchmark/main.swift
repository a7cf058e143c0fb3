// Whether reported figures and decisions can be believed, on real data.
//
//     swift run -c release --package-path Benchmarks EvidenceBenchmark figures ROWS FIRST LAST FILE…
//
// ROWS rows of the files are learnt, the others are asked, for each seed from FIRST to LAST.
import Glibc

let arguments = CommandLine.arguments.dropFirst()
let numbers = arguments.dropFirst().prefix(3).compactMap { Int($0) }
guard arguments.first == "figures", numbers.count == 3, arguments.count > 4 else {
    print("usage: EvidenceBenchmark figures ROWS FIRST LAST FILE…")
    exit(64)
}
let figures = Figures(pool: rows(Array(arguments.dropFirst(4))), count: numbers[0], threads: 1)
for seed in numbers[1]...numbers[2] {
    print(try figures.run(seed: seed))
    fflush(nil)
}
