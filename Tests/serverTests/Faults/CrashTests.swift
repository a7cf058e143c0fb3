import Foundation
import Model
import Testing

@Suite struct CrashTests {
    @Test("server and trainer killed at any moment: nothing acknowledged is lost or torn")
    func kills() throws {
        let run = TortureRun(rounds: "ELMAN_CRASH_ROUNDS", default: 25)
        let outcome = try run.play(Killing(directory: try TestDirectory()))
        print("\(run.rounds) rounds of SIGKILL: \(outcome)")
        #expect(outcome.complaints.isEmpty)
        #expect(outcome.jobs["succeeded", default: 0] > run.rounds)
        #expect(outcome.slowestStart < .seconds(2))
    }
}

/// SIGKILL for the server, often for its trainer before it, sometimes for both at once.
private struct Killing: TortureRun.Disaster {
    let directory: TestDirectory
    var state: String { directory.path + "/state" }
    let cutsPower = false

    func strike(_ server: TestServer, _ random: inout SplitMix64) throws {
        let trainer = server.event("trainer_started")?["pid"].flatMap(pid_t.init)
        let choice = random.next() % 4
        if choice < 2, let trainer {
            kill(trainer, SIGKILL)
            // Long enough for the server to notice, start another one, and go on; or not.
            if choice == 0 { usleep(UInt32(random.next() % 400_000)) }
        }
        _ = try server.stop(SIGKILL)
    }

    func recover() {}

    func startAnew() throws {
        if FileManager.default.fileExists(atPath: state) {
            try FileManager.default.removeItem(atPath: state)
        }
    }
}
