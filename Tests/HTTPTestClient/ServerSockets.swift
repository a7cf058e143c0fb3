import Foundation

/// Counts this machine's open connections on the server's side of a port.
///
/// A connection counts as long as a process holds its socket, whatever its TCP state, so a leaked
/// descriptor is seen. The listening socket does not count.
///
/// - Parameter port: the server's port, on 127.0.0.1.
/// - Returns: the number of connections, not counting those that wait to be accepted.
/// - Throws: if `/proc` is not there.
public func openServerSockets(port: UInt16) throws -> Int {
    let table = try String(contentsOfFile: "/proc/net/tcp", encoding: .utf8)
    let local = String(format: ":%04X", port)
    return table.split(separator: "\n").dropFirst().count { line in
        // sl local_address rem_address st tx:rx tr:tm retrnsmt uid timeout inode …
        let columns = line.split(separator: " ")
        return columns[1].hasSuffix(local) && columns[3] != "0A" && columns[9] != "0"
    }
}

/// Waits until a condition holds.
///
/// - Parameters:
///   - timeout: the longest time to wait; generous, since it passes only in failing tests.
///   - condition: asked every 5 ms.
/// - Returns: whether the condition came to hold.
/// - Throws: what `condition` throws.
public func eventually(
    within timeout: Duration = .seconds(20),
    _ condition: () throws -> Bool
) rethrows -> Bool {
    let end = ContinuousClock.now + timeout
    while ContinuousClock.now < end {
        if try condition() { return true }
        usleep(5000)
    }
    return try condition()
}
