internal import ArgumentParser

/// What the benchmarks of the registry need beside it: rows to serve, and callers.
@main
struct LoadClient: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "load-client",
    abstract: "Make licences for a benchmark's database, or verify them as a bank does.",
    subcommands: [LicenseRows.self, VerifyLoad.self]
  )
}
