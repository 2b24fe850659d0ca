internal import Foundation
internal import RegistryAPI
internal import RegistryClient
internal import SwiftProtobuf

/// Drives a scenario through the registry, step by step, each an RPC or more.
struct Journey {
  /// Somebody with an account.
  struct Player: Sendable {
    let fullName: String
    let code: String
    let account: String
    let key: AccountKey
    let client: RegistryClient
    let isPerson: Bool
  }

  let scenario: Scenario
  let place: Place
  let connections: Connections
  let keys: KeyRing
  let narrator: Narrator
  /// Where licences and volumes are saved.
  let folder: String

  var placeholders: Placeholders
  /// The content as it was sent last.
  var content: JSON = .object([])
  var players: [String: Player] = [:]
  var filing = Liaoning_Registry_V1_Filing()
  var licenseFile = Liaoning_Registry_V1_LicenseFile()
  var volume = Liaoning_Registry_V1_Volume()
  /// How far the server's clock is ahead of ours.
  var clockLead: TimeInterval = 0
  var restrictions: [String] = []
  var findings = Findings()

  init(
    _ scenario: Scenario,
    at place: Place,
    over connections: Connections,
    keys: KeyRing,
    savingTo folder: String,
    telling narrator: Narrator
  ) {
    self.scenario = scenario
    self.place = place
    self.connections = connections
    self.keys = keys
    self.folder = folder
    self.narrator = narrator
    var generator = SystemRandomNumberGenerator()
    placeholders = Placeholders(
      scenario,
      fresh: Placeholders.drawn(by: &generator),
      today: Date()
    )
  }

  /// Goes the whole way, and leaves nothing behind that would stand in the way of another run.
  ///
  /// - Returns: What was brought about.
  /// - Throws: `JourneyError`.
  mutating func run() async throws(JourneyError) -> Findings {
    do {
      try await impose()
      for step in scenario.steps { try await perform(step) }
    } catch {
      // What failed is told; that something is left behind would hide it.
      try? await tidyUp()
      throw error
    }
    try await tidyUp()
    return findings
  }

  /// Carries a step out, and compares how it ended with how it should.
  private mutating func perform(_ step: Scenario.Step) async throws(JourneyError) {
    let start = ContinuousClock.now
    let name = step.deed.rawValue
    do {
      try await carryOut(step)
      if let refusal = step.refused {
        throw JourneyError.notRefused(step: name, reason: refusal.reason)
      }
    } catch let failure as RegistryFailure {
      guard let refusal = step.refused else { throw .failed(step: name, failure) }
      let rules = Set(failure.violations.map(\.rule))
      guard failure.reason == refusal.reason, rules.isSuperset(of: refusal.rules) else {
        let expected = ([refusal.reason] + refusal.rules).joined(separator: " ")
        throw .refusedOtherwise(step: name, expected: expected, failure)
      }
      let told = [failure.reason] + rules.subtracting([failure.reason]).sorted()
      let what = "refuses: " + told.joined(separator: " ")
      narrator.tell(step.deed, "the registry", what, "REFUSED, as it must", since: start)
    } catch {
      throw Self.error(error, in: name)
    }
    try await expect(step)
  }

  /// What any error of a step comes to.
  static func error(_ error: any Error, in step: String) -> JourneyError {
    switch error {
    case let error as JourneyError: error
    case let failure as RegistryFailure: .failed(step: step, failure)
    case let error as ShellError: .file(error)
    default: .otherwise(step: step, "\(error)")
    }
  }

  private mutating func carryOut(_ step: Scenario.Step) async throws {
    switch step.deed {
    case .register: try await register()
    case .reserve: try await reserve()
    case .draft: try await draft()
    case .validate: try await validate()
    case .prepare: try await prepare()
    case .sign: try await sign(step)
    case .refuse: try await refuse(step)
    case .edit: try await edit(step)
    case .delete: try await delete()
    case .submit: try await submit()
    case .withdraw: try await withdraw()
    case .accept: try await accept()
    case .return: try await returnFiling(step)
    case .decline: try await decline(step)
    case .examine: try await examine()
    case .approve: try await approve()
    case .reject: try await reject(step)
    case .license: try await readLicense()
    case .verify: try await verifyLicense()
    case .package: try await packageVolume()
    case .seal: try await sealVolume()
    case .check: try await checkVolume()
    case .download: try await downloadVolume()
    case .trace: try await trace()
    }
  }

  // MARK: Who

  /// The applicant.
  ///
  /// - Throws: `JourneyError.otherwise` before `register`.
  func applicant() throws(JourneyError) -> Player { try player(scenario.applicant) }

  /// Somebody with an account.
  func player(_ name: String) throws(JourneyError) -> Player {
    guard let player = players[name] else {
      throw .otherwise(step: "\(name)", "has no account: the step register comes first")
    }
    return player
  }

  /// A registrar of the filing's authority, by role.
  func staff(_ role: StaffRole) async throws -> (number: String, client: RegistryClient) {
    let number = scenario.staff[role.rawValue] ?? "S\(authority)0\(role.number)"
    return (number, try await connections.staff(number))
  }

  /// The city whose authority the filing belongs to, 6 digits.
  private var authority: String {
    guard case .text(let region)? = scenario.content["domicile_region_code"] else {
      return "210100"
    }
    return region.prefix(4) + "00"
  }

  /// A registrar's role, as the development registry numbers them.
  enum StaffRole: String {
    case clerk
    case examiner
    case head
    case archivist
    case administrator
    case auditor

    var number: Int {
      switch self {
      case .clerk: 1
      case .examiner: 2
      case .head: 3
      case .archivist: 4
      case .administrator: 5
      case .auditor: 6
      }
    }
  }
}

extension Liaoning_Registry_V1_Filing.State {
  /// The state as people read it, `AWAITING_SIGNATURES`.
  var word: String { Self.word(of: self) }

  private static func word(of state: Self) -> String {
    var word = ""
    for character in "\(state)" {
      if character.isUppercase { word += "_" }
      word += character.uppercased()
    }
    return word
  }
}
