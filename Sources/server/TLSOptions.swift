internal import ArgumentParser

/// The options of TLS: both, or none.
struct TLSOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            """
            The certificate to speak TLS with, as PEM: the server's own, then those between it and \
            its root. Both this and --tls-key are read again at SIGHUP. (ELMAN_TLS_CERTIFICATE)
            """,
            valueName: "file"
        )
    )
    var tlsCertificate: String?

    @Option(
        help: ArgumentHelp(
            "The private key of --tls-certificate, as PEM without a password. (ELMAN_TLS_KEY)",
            valueName: "file"
        )
    )
    var tlsKey: String?

    /// The files that they name; nil without TLS.
    var files: TLSFiles? {
        guard let tlsCertificate, let tlsKey else { return nil }
        return TLSFiles(certificate: tlsCertificate, key: tlsKey)
    }

    func validate() throws {
        if tlsCertificate != nil && tlsKey == nil {
            throw ValidationError(
                "--tls-certificate needs its private key: name it with --tls-key."
            )
        }
        if tlsKey != nil && tlsCertificate == nil {
            throw ValidationError(
                "--tls-key needs its certificate: name it with --tls-certificate."
            )
        }
    }
}
