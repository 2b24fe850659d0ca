internal import ArgumentParser
internal import Foundation
internal import GRPCCore
internal import RegistryClient
internal import RegistryTestKit
internal import Testing

@testable internal import registryctl

@Suite("Failures end in a class and say what to do")
struct FailureTests {
  @Test(
    "each status has its class",
    arguments: [
      (RPCError.Code.invalidArgument, Int32(3)), (.outOfRange, 3), (.notFound, 4),
      (.failedPrecondition, 5), (.aborted, 5), (.alreadyExists, 5), (.permissionDenied, 6),
      (.unauthenticated, 6), (.unavailable, 7), (.deadlineExceeded, 7), (.resourceExhausted, 7),
      (.cancelled, 7), (.internalError, 8), (.unknown, 8), (.dataLoss, 8), (.unimplemented, 8),
    ]
  )
  func classes(code: RPCError.Code, exit: Int32) {
    #expect(ExitClass(RegistryFailure(code: code, message: "")).rawValue == exit)
  }

  @Test("what fails on this machine is a class of its own")
  func local() {
    let key = RegistryFailure(code: .invalidArgument, reason: "KEY_UNUSABLE", message: "")
    #expect(ExitClass(key) == .local)
    let file = RegistryFailure(
      code: .invalidArgument,
      reason: "ENDPOINT_FILE_UNREADABLE",
      message: ""
    )
    #expect(ExitClass(file) == .local)
    #expect(ExitClass(ShellError.usage("")) == .usage)
    #expect(ExitClass(ShellError.noEndpoint) == .local)
    #expect(ExitClass(ShellError.notLoggedIn) == .permission)
    #expect(ExitClass(ShellError.untrue("")) == .internal)
    #expect(ExitClass(CancellationError()) == .unavailable)
  }

  @Test("the help names every class")
  func table() {
    let help = Registryctl.helpMessage()
    for exit in ExitClass.allCases {
      #expect(help.contains("\(exit.rawValue)  \(exit.meaning.prefix(20))"))
    }
  }

  private static let failure = RegistryFailure(
    code: .failedPrecondition,
    reason: "FILING_RULES_BROKEN",
    message: "The filing breaks rules.",
    metadata: ["violation_count": "3"],
    violations: [
      .init(field: "company.甲", rule: "A_RULE", description: "改正\u{1B}此处"),
      .init(field: "b", rule: "B_RULE", description: "二"),
    ],
    requestID: "7a"
  )

  @Test("people read reason, violations, what to do and the request id")
  func people() {
    #expect(
      FailureReport(Self.failure).text == """
        Error: FILING_RULES_BROKEN (FAILED_PRECONDITION): The filing breaks rules.
          - company.甲  A_RULE
            改正\u{FFFD}此处
          - b           B_RULE
            二
          - and 1 more
        What to do: look at its state first.
        """
    )
  }

  @Test("the request id is told where nobody knows whether it was done, and to programs always")
  func requestID() {
    let lost = RegistryFailure(
      code: .unavailable,
      reason: "OUTCOME_IN_DOUBT",
      message: "Who knows.",
      requestID: "7a"
    )
    #expect(
      FailureReport(lost).text == """
        Error: OUTCOME_IN_DOUBT (UNAVAILABLE): Who knows.
        What to do: call again later, with the same request id.
        Request id: 7a
        """
    )
  }

  @Test("whoever reached nobody is told what to look at")
  func nobodyThere() {
    let failure = RegistryFailure(code: .unavailable, message: "Can't connect.")
    #expect(
      FailureReport(failure).text == """
        Error: UNAVAILABLE: Can't connect.
        What to do: see whether a registry serves there, and whether --trust, --certificate and \
        --server-name fit; then call again.
        """
    )
  }

  @Test("programs read the same as JSON")
  func programs() throws {
    let json = try JSONReader.value(of: FailureReport(Self.failure).json.encoded)
    let error = try #require(json["error"])
    #expect(error["code"] == .text("FAILED_PRECONDITION"))
    #expect(error["reason"] == .text("FILING_RULES_BROKEN"))
    #expect(error["requestId"] == .text("7a"))
    guard case .list(let violations) = error["violations"] else {
      Issue.record("no violations")
      return
    }
    #expect(violations.map { $0["field"] } == [.text("company.甲"), .text("b")])
  }

  @Test("a server's fault names the number to tell; a wait is rounded up")
  func advice() {
    let fault = RegistryFailure(
      code: .internalError,
      reason: "INTERNAL_FAILURE",
      message: "",
      metadata: ["request": "42"]
    )
    #expect(FailureReport(fault).text.contains("tell the operators the request number 42"))
    #expect(FailureReport(fault).code == "INTERNAL")
    let busy = RegistryFailure(code: .unavailable, message: "", retryDelay: .milliseconds(1_500))
    #expect(FailureReport(busy).text.contains("after 2 s"))
    let stale = RegistryFailure(code: .aborted, message: "")
    #expect(FailureReport(stale).text.contains("with the etag read"))
    let stranger = RegistryFailure(code: .unauthenticated, message: "")
    #expect(FailureReport(stranger).text.contains("registryctl login"))
  }

  @Test("whoever stops reading ends the program as a pipe ends others, not as a crash")
  func brokenPipe() async throws {
    let pipe = Pipe()
    try pipe.fileHandleForReading.close()
    let process = Process()
    process.executableURL = URL(fileURLWithPath: try ChildProcess.path(of: "registryctl"))
    process.arguments = ["--help"]
    process.standardOutput = pipe
    await withCheckedContinuation { continuation in
      process.terminationHandler = { _ in continuation.resume() }
      #expect(throws: Never.self) { try process.run() }
    }
    #expect(process.terminationReason == .uncaughtSignal)
    #expect(process.terminationStatus == SIGPIPE)
  }

  @Test(
    "a wrong command line ends with 2, help with 0",
    arguments: [
      (["frob"], ExitClass.usage), (["name", "check-name", "--frob"], .usage),
      (["name", "check-name"], .usage), (["filing", "list-filings", "--page-size", "x"], .usage),
      (["--help"], .done), (["help", "name", "check-name"], .done), (["name"], .done),
      (["archive", "download-volume", "--name", "archives/1/volumes/001"], .usage),
      (["name", "get-reservation", "--name", "a", "--timeout", "0"], .usage),
      (
        ["name", "get-reservation", "--name", "a", "--endpoint", "x", "--home", "/nonexistent"],
        .usage
      ),
      (["login", "--home", "/nonexistent"], .local),
      (["logout", "--home", "/nonexistent"], .permission),
    ]
  )
  func commandLines(arguments: [String], exit: ExitClass) async {
    #expect(await Main.outcome(of: arguments) == exit)
  }
}
