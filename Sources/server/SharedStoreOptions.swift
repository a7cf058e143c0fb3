internal import ArgumentParser
internal import Glibc
internal import Stores

/// Where a store is that several servers and workers share.
struct SharedStoreOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            """
            Keep everything in a PostgreSQL database (13 to 17), which servers and workers share: \
            postgresql://user@host/database. libpq's environment, service and password files \
            count too. Without it the store is a file in the directory of --state. (ELMAN_STORE)
            """,
            valueName: "address"
        )
    )
    var store: String?

    @Option(
        help: ArgumentHelp(
            """
            The same database without a pooler in between, for announcements of changes; "off" to \
            look for them twice a second alone. Without it the address of --store. \
            (ELMAN_STORE_LISTEN)
            """,
            valueName: "address"
        )
    )
    var storeListen: String?

    func validate() throws {
        if let store, !StoreLocation.isAddress(store) {
            throw ValidationError(
                "--store must begin with postgresql://; a directory is given with --state."
            )
        }
        if let storeListen, storeListen != "off", !StoreLocation.isAddress(storeListen) {
            throw ValidationError("--store-listen must begin with postgresql://, or be off.")
        }
    }

    /// Tells trainers that this process starts; as an argument every user could read a password.
    func tellTrainers() {
        if let store { setenv("ELMAN_STORE", store, 1) }
    }
}
