internal import ArgumentParser

/// The flags of every call.
struct CallFlags: ParsableArguments {
  @Option(
    help: .init(
      "The whole request as JSON in the proto's form; flags win over it.",
      valueName: "json|@file|-"
    )
  )
  var request: String?
  @Flag(help: "The reply as one line of JSON; failures as JSON on standard error.")
  var json = false
  @OptionGroup
  var connection: ConnectionFlags
}
