import Glibc
import Testing

@testable import ClassificationService

@Suite struct FileOwnerTests {
    /// An ordinary user in the groups 100 and 2000.
    private static let reader = FileOwner.Reader(user: 1000, groups: [100, 2000])
    private static let root = FileOwner.Reader(user: 0, groups: [0])

    @Test(
        "a mounted secret may be readable for the reader's group, any other file for nobody else",
        arguments: [
            // As Kubernetes mounts a secret with `fsGroup: 2000` and `defaultMode: 0440`.
            (0, 2000, 0o440, true), (0, 2000, 0o640, true), (0, 100, 0o440, true),
            (0, 3000, 0o440, false), (0, 2000, 0o460, false), (0, 2000, 0o444, false),
            (0, 2000, 0o644, false), (1000, 2000, 0o440, false), (1000, 2000, 0o600, true),
            (1000, 100, 0o400, true), (0, 0, 0o400, true),
        ]
    )
    func isClosed(user: Int, group: Int, mode: Int, expected: Bool) {
        let owner = FileOwner(user: uid_t(user), group: gid_t(group), mode: mode_t(mode))
        #expect(owner.isClosed(to: Self.reader) == expected)
        #expect(owner.isTrusted(by: Self.reader))
    }

    @Test("the administrator's own file is open to nobody", arguments: [0o440, 0o640, 0o604])
    func administrator(mode: Int) {
        let owner = FileOwner(user: 0, group: 0, mode: mode_t(mode))
        #expect(!owner.isClosed(to: Self.root))
    }

    @Test("a file of another ordinary user is not trusted")
    func others() {
        let owner = FileOwner(user: 1001, group: 2000, mode: 0o600)
        #expect(!owner.isTrusted(by: Self.reader))
        #expect(!owner.isTrusted(by: Self.root))
    }

    @Test("knows this process")
    func current() {
        #expect(FileOwner.Reader.current.user == geteuid())
        #expect(FileOwner.Reader.current.groups.contains(getegid()))
    }
}
