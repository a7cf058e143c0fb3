import Foundation
import HTTPTestClient
import Testing

/// TLS as an operator handles it: two files that are renewed while the server runs.
@Suite struct TLSProgramTests {
    let directory: TestDirectory
    let certificate: String
    let key: String

    init() throws {
        directory = try TestDirectory()
        certificate = directory.path + "/tls.pem"
        key = directory.path + "/tls.key"
    }

    private var options: [String] { ["--tls-certificate", certificate, "--tls-key", key] }

    private func write(_ pair: TestCertificate) throws {
        try Data(pair.certificate).write(to: URL(fileURLWithPath: certificate))
        try Data(pair.key).write(to: URL(fileURLWithPath: key))
    }

    private func status(_ client: TLSClient) throws -> Int {
        try client.exchange("GET /models HTTP/1.1\r\nHost: localhost\r\n\r\n").status
    }

    @Test("SIGHUP takes the files as they are now; bad ones are logged, and those in use stay")
    func reload() throws {
        try write(TestCertificate())
        let server = try TestServer(directory, options)
        #expect(server.event("listening")?["tls"] == "true")
        let early = try TLSClient(port: server.port)
        #expect(try status(early) == 200)
        #expect(try server.send("GET", "/livez", port: server.adminPort).status == 200)

        try write(TestCertificate("renewed", to: 10 * 86_400 + 3600))
        kill(server.pid, SIGHUP)
        try wait("the certificate") { server.event("certificate_read") != nil }
        #expect(server.event("certificate_read")?["days_left"] == "10")
        let renewed = try TLSClient(port: server.port)
        #expect(renewed.certificate != early.certificate)
        #expect(try status(renewed) == 200)
        #expect(try status(early) == 200)

        try Data(TestCertificate("foreign").key).write(to: URL(fileURLWithPath: key))
        kill(server.pid, SIGHUP)
        try wait("the refusal") { server.event("certificate_refused") != nil }
        #expect(server.event("certificate_refused")?["reason"]?.contains("--tls-key") == true)
        #expect(try TLSClient(port: server.port).certificate == renewed.certificate)
        #expect(try server.stop() == 0)
    }

    @Test("files that are exchanged are taken without a signal, once both belong together")
    func exchanged() throws {
        try write(TestCertificate())
        let server = try TestServer(directory, options)
        let early = try TLSClient(port: server.port)
        let renewed = TestCertificate("renewed", to: 10 * 86_400 + 3600)
        for (content, path) in [(renewed.certificate, certificate), (renewed.key, key)] {
            try Data(content).write(to: URL(fileURLWithPath: path + ".new"))
            #expect(rename(path + ".new", path) == 0)
        }
        try wait("the certificate") { server.event("certificate_read")?["days_left"] == "10" }
        #expect(try TLSClient(port: server.port).certificate != early.certificate)
        #expect(try server.stop() == 0)
    }

    @Test("files that cannot be used are refused at the start, by the option")
    func refuses() throws {
        let good = TestCertificate()
        func reason(_ arguments: [String]? = nil) throws -> String? {
            let server = try TestServer(directory, arguments ?? options)
            #expect(try server.exitStatus() == 78)
            return server.event("start_refused")?["reason"]
        }
        try write(good)
        let missing = directory.path + "/none"
        let noFile = try reason(["--tls-certificate", missing, "--tls-key", key])
        #expect(noFile?.contains("--tls-certificate: '\(missing)' cannot be read") == true)
        let noKey = try reason(["--tls-certificate", certificate, "--tls-key", directory.path])
        #expect(noKey?.contains("--tls-key: '\(directory.path)' is no regular file") == true)
        let swapped = try reason(["--tls-certificate", key, "--tls-key", certificate])
        #expect(swapped?.contains("--tls-certificate: '\(key)' is no certificate") == true)
        try Data(TestCertificate("other").key).write(to: URL(fileURLWithPath: key))
        #expect(try reason()?.contains("--tls-key: the key in") == true)
        try write(TestCertificate("late", from: -7200, to: -3600))
        #expect(try reason()?.contains("has expired") == true)
    }

    @Test("one of the two options alone is refused", arguments: ["certificate", "key"])
    func belongTogether(option: String) throws {
        try write(TestCertificate())
        let file = option == "key" ? key : certificate
        let server = try TestServer(
            directory,
            environment: ["ELMAN_TLS_\(option.uppercased())": file]
        )
        #expect(try server.exitStatus() == 64)
        let missing = option == "key" ? "--tls-certificate" : "--tls-key"
        #expect(server.log.contains { $0["event"]?.contains(missing) == true })
    }

    @Test("tokens in the clear on every address are warned of, and not with TLS")
    func warns() throws {
        let file = directory.path + "/tokens"
        let line =
            #"{"name":"a","sha256":"\#(String(repeating: "a", count: 64))","scopes":["admin"]}"#
        try Data((line + "\n").utf8).write(to: URL(fileURLWithPath: file))
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file)
        try write(TestCertificate())
        let tokens = ["--tokens", file, "--host", "0.0.0.0"]
        let clear = try TestServer(directory, tokens)
        let warning = try #require(clear.event("tokens_in_the_clear"))
        #expect(warning["level"] == "warning")
        #expect(warning["reason"]?.contains("--tls-certificate") == true)
        #expect(try clear.stop() == 0)
        for quiet in [tokens + options, ["--tokens", file]] {
            let server = try TestServer(directory, quiet)
            #expect(server.event("tokens_in_the_clear") == nil)
            #expect(try server.stop() == 0)
        }
    }

    @Test("the health check speaks TLS where there is no private port")
    func healthcheck() throws {
        try write(TestCertificate())
        let server = try TestServer(directory, options + ["--admin-port", "off"])
        let process = Process()
        process.executableURL = try program("server")
        process.arguments =
            ["--healthcheck", "--admin-port", "off", "--port", "\(server.port)"] + options
        try process.run()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        #expect(try server.stop() == 0)
    }
}
