internal import RegistryClient

/// Why a journey ended before its end.
enum JourneyError: Error {
  /// A scenario file is wrong, and how.
  case scenario(String, String)
  /// Nothing tells where the registry is, or a file of its data folder is missing.
  case place(String)
  /// The name library's file is wrong, and how.
  case library(String, String)
  /// A step failed that should have succeeded.
  case failed(step: String, RegistryFailure)
  /// A step succeeded that should have been refused.
  case notRefused(step: String, reason: String)
  /// A step was refused, but otherwise than it should have been.
  case refusedOtherwise(step: String, expected: String, RegistryFailure)
  /// Something stands otherwise than it should.
  case otherwise(step: String, String)
  /// A file cannot be written or read.
  case file(ShellError)

  /// The class of the failure.
  var exitClass: ExitClass {
    switch self {
    case .scenario, .library: .usage
    case .place: .local
    case .failed(_, let failure): ExitClass(failure)
    case .notRefused, .refusedOtherwise, .otherwise: .otherwise
    case .file(let error): error.exitCode
    }
  }

  /// What to tell people.
  var text: String {
    switch self {
    case .scenario(let file, let problem): "The scenario \(file) cannot be used: \(problem)."
    case .place(let problem): problem
    case .library(let file, let problem): "The name library \(file) cannot be used: \(problem)."
    case .failed(let step, let failure): "\(step) failed.\n" + FailureReport(failure).text
    case .notRefused(let step, let reason): "\(step) should have been refused: \(reason)."
    case .refusedOtherwise(let step, let expected, let failure):
      "\(step) should have been refused by \(expected).\n" + FailureReport(failure).text
    case .otherwise(let step, let problem): "\(step): \(problem)."
    case .file(let error): error.message
    }
  }

  /// What to tell programs.
  var json: JSON {
    switch self {
    case .failed(_, let failure), .refusedOtherwise(_, _, let failure): FailureReport(failure).json
    case .file(let error): FailureReport(error).json
    case .scenario, .place, .library, .notRefused, .otherwise:
      .object([
        .init(
          name: "error",
          value: .object([
            .init(name: "code", value: .text("LOCAL")),
            .init(name: "reason", value: .text("JOURNEY_\(kind)")),
            .init(name: "message", value: .text(text)),
          ])
        )
      ])
    }
  }

  private var kind: String {
    switch self {
    case .scenario: "SCENARIO_INVALID"
    case .place: "PLACE_UNKNOWN"
    case .library: "LIBRARY_INVALID"
    case .failed: "STEP_FAILED"
    case .notRefused: "STEP_NOT_REFUSED"
    case .refusedOtherwise: "STEP_REFUSED_OTHERWISE"
    case .otherwise: "STEP_ENDED_OTHERWISE"
    case .file: "FILE_UNUSABLE"
    }
  }
}
