internal import ArgumentParser

/// What the benchmarks of the registry need beside it: rows to serve.
@main
struct LoadClient: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "load-client",
    abstract: "Make rows for the databases of benchmarks.",
    subcommands: [LicenseRows.self, FilingParts.self]
  )
}
