import Foundation
import Model
import Synchronization
import Testing

@Suite(
    .serialized,
    .enabled(
        if: LoopDisk.obstacle == nil,
        "needs root, loop devices and ext4 (\(LoopDisk.obstacle ?? ""))"
    )
)
struct PowerCutTests {
    @Test("the power goes at any moment: nothing acknowledged is lost or torn")
    func powerCuts() throws {
        let run = TortureRun(rounds: "ELMAN_POWER_CUTS", default: 10)
        let outcome = try run.play(PowerCut(disk: try LoopDisk()))
        print("\(run.rounds) power cuts: \(outcome)")
        #expect(outcome.complaints.isEmpty)
        #expect(outcome.jobs["succeeded", default: 0] > run.rounds)
        #expect(outcome.slowestStart < .seconds(2))
    }

    @Test("a server that does not wait for the disk is found out by the same test")
    func control() throws {
        let directory = try TestDirectory()
        let library = directory.path + "/without_fsync.so"
        let source = URL(fileURLWithPath: #filePath)
            .appending(path: "../../../../scripts/lib/without_fsync.c").standardized.path
        try serverTests.run("clang", "-shared", "-fPIC", source, "-o", library)
        let run = TortureRun(
            rounds: "ELMAN_POWER_CUTS_CONTROL",
            default: 2,
            environment: [
                "LD_PRELOAD": library,
                // Else a program with AddressSanitizer insists on being loaded first.
                "ASAN_OPTIONS": "verify_asan_link_order=0",
            ]
        )
        let powerCut = PowerCut(disk: try LoopDisk())
        do {
            let outcome = try run.play(powerCut)
            print("power cuts without fsync: \(outcome), such as \(outcome.complaints.first ?? "")")
            #expect(!outcome.complaints.isEmpty)
        } catch {
            // So much may be lost that the store cannot even be opened, but only afterwards.
            print("power cuts without fsync: \(error)")
            #expect(powerCut.count.load(ordering: .relaxed) > 0, "\(error)")
        }
    }
}

/// The disk loses its power; whatever still runs then has a while to do harm.
private final class PowerCut: TortureRun.Disaster {
    let disk: LoopDisk
    let count = Atomic<Int>(0)

    init(disk: LoopDisk) { self.disk = disk }

    var state: String { disk.path + "/state" }
    var cutsPower: Bool { true }

    func strike(_ server: TestServer, _ random: inout SplitMix64) throws {
        count.wrappingAdd(1, ordering: .relaxed)
        try disk.cutPower()
        usleep(UInt32(random.next() % 50_000))
        _ = try server.stop(SIGKILL)
    }

    func recover() throws { try disk.restorePower() }
    func startAnew() throws { try disk.format() }
}
