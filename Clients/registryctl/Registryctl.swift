internal import ArgumentParser
internal import Foundation

/// The command line of the registry: every RPC, and a shell of contexts, keys and sessions around
/// them.
struct Registryctl: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "registryctl",
    abstract: "The command line of the registry (辽宁省全程电子化登记).",
    discussion: """
      First: registryctl context add NAME --endpoint HOST:PORT --trust PEM
      Then:  registryctl key new NAME; registryctl register --help
      Or without any file: --endpoint, --trust, --certificate, --client-key, or \
      REGISTRYCTL_ENDPOINT, REGISTRYCTL_TRUST, REGISTRYCTL_CERTIFICATE, REGISTRYCTL_CLIENT_KEY, REGISTRYCTL_TOKEN.

      Replies go to standard output, failures and remarks to standard error. With --json both are \
      JSON. Exit codes:
      \(ExitClass.table)
      """,
    subcommands: [
      ContextCommand.self, KeyCommand.self, RegisterCommand.self, LoginCommand.self,
      LogoutCommand.self, SignAgreementCommand.self, SignCommand.self, JourneyCommand.self,
    ],
    groupedSubcommands: [
      CommandGroup(name: "Services (one command an RPC)", subcommands: ServiceCommands.all)
    ]
  )
}

/// Where the program begins and ends.
@main
enum Main {
  static func main() async {
    let arguments = Array(CommandLine.arguments.dropFirst())
    exit(await outcome(of: arguments).rawValue)
  }

  /// Runs a command line.
  ///
  /// - Parameter arguments: Without the program's name.
  /// - Returns: The class with which to exit; a failure has been shown.
  static func outcome(of arguments: [String]) async -> ExitClass {
    let isJSON = arguments.contains("--json")
    var command: any ParsableCommand
    do {
      command = try Registryctl.parseAsRoot(arguments)
    } catch {
      return refuse(error, asJSON: isJSON)
    }
    do {
      if var command = command as? any AsyncParsableCommand {
        try await command.run()
      } else {
        try command.run()
      }
      return .done
    } catch {
      return report(error, asJSON: isJSON)
    }
  }

  /// What the parser did not take, or help that was asked for.
  private static func refuse(_ error: any Error, asJSON: Bool) -> ExitClass {
    let text = Registryctl.fullMessage(for: error)
    if Registryctl.exitCode(for: error).isSuccess {
      Show.line(text)
      return .done
    }
    let usage = text.split(separator: "\n").drop { !$0.hasPrefix("Usage") }
    show(
      FailureReport(ShellError.usage(Registryctl.message(for: error))),
      usage: usage.joined(separator: "\n"),
      asJSON: asJSON
    )
    return .usage
  }

  private static func report(_ error: any Error, asJSON: Bool) -> ExitClass {
    switch error {
    case let code as ExitCode: return ExitClass(rawValue: code.rawValue) ?? .internal
    case let failure as UsageFailure:
      let report = FailureReport(ShellError.usage(failure.message))
      show(report, usage: failure.usage, asJSON: asJSON)
      return .usage
    default:
      // The parser's own, such as help that was asked for.
      let code = Registryctl.exitCode(for: error)
      if code.isSuccess || code == .validationFailure { return refuse(error, asJSON: asJSON) }
      show(FailureReport(error), usage: "", asJSON: asJSON)
      return ExitClass(error)
    }
  }

  private static func show(_ failure: FailureReport, usage: String, asJSON: Bool) {
    if asJSON {
      Show.remark(failure.json.encoded)
    } else {
      Show.remark(failure.text)
      if !usage.isEmpty { Show.remark(usage) }
    }
  }
}
