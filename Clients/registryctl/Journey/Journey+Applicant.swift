internal import Foundation
internal import GRPCCore
internal import RegistryAPI
internal import RegistryClient
internal import SwiftProtobuf

// Steps 1 to 3 and the applicant's part of 5.
extension Journey {
  /// Everybody registers an account, or logs in again.
  mutating func register() async throws {
    for (name, person) in scenario.people.sorted(by: { $0.key < $1.key })
    where !person.hasNoAccount {
      var party = Liaoning_Registry_V1_Party()
      party.person.fullName = person.fullName
      party.person.identityNumber = person.identityNumber
      party.person.mobileNumber = person.mobileNumber
      try await register(name, party, .naturalPerson)
    }
    for (name, organization) in scenario.organizations.sorted(by: { $0.key < $1.key }) {
      var party = Liaoning_Registry_V1_Party()
      party.organization.enterpriseName = organization.enterpriseName
      party.organization.creditCode = organization.creditCode
      try await register(name, party, .enterpriseLegalPerson)
    }
  }

  private mutating func register(
    _ name: String,
    _ party: Liaoning_Registry_V1_Party,
    _ category: Liaoning_Registry_V1_Account.Category
  ) async throws {
    let isPerson = category == .naturalPerson
    let fullName = isPerson ? party.person.fullName : party.organization.enterpriseName
    let client = try await connections.applicant(party.code)
    let key = try keys.key(of: party.code)
    if let account = try keys.account(of: party.code) {
      let start = ContinuousClock.now
      try await client.logIn(as: account, key: key)
      narrator.tell(.register, fullName, "logs in again by signing a challenge", since: start)
    } else {
      let account = try await newAccount(party, category, key, client, fullName)
      try keys.keep(account: account, of: party.code)
    }
    players[name] = Player(
      fullName: fullName,
      code: party.code,
      account: client.session?.account ?? "",
      key: key,
      client: client,
      isPerson: isPerson
    )
    try await agree(fullName, client, key)
  }

  private func newAccount(
    _ party: Liaoning_Registry_V1_Party,
    _ category: Liaoning_Registry_V1_Account.Category,
    _ key: AccountKey,
    _ client: RegistryClient,
    _ fullName: String
  ) async throws -> String {
    var start = ContinuousClock.now
    let request = try keys.registration(of: party.code) {
      try .signed(
        .with {
          $0.category = category
          $0.holder = party
        },
        key: key
      )
    }
    let account: Liaoning_Registry_V1_Account
    do {
      account = try await client.accounts.createAccount(request)
    } catch {
      if !error.isInDoubt { keys.abandonRegistration(of: party.code) }
      throw error
    }
    let library = category == .naturalPerson ? "population" : "legal-entity"
    let code = account.verificationCode.isEmpty ? "not asked" : account.verificationCode
    narrator.tell(
      .register,
      fullName,
      "registers with an SM2 key; \(library) library: \(code)",
      "\(account.verification)".uppercased(),
      since: start
    )
    guard account.verification == .verified else {
      throw JourneyError.otherwise(
        step: "register",
        "\(fullName) is not verified: \(account.verification), code \(account.verificationCode)"
      )
    }
    start = .now
    try await client.logIn(as: account.name, key: key)
    narrator.tell(.register, fullName, "logs in by signing a challenge", since: start)
    return account.name
  }

  /// Signs the handling agreement in force, unless that was done before.
  private func agree(_ fullName: String, _ client: RegistryClient, _ key: AccountKey) async throws {
    let start = ContinuousClock.now
    guard let name = client.session?.account else { return }
    let agreement = try await client.accounts.getAgreement(.with { $0.name = "agreements/current" })
    let account = try await client.accounts.getAccount(.with { $0.name = name })
    if account.agreement == agreement.name { return }
    _ = try await client.accounts.signAgreement(.signed(agreement, account: name, key: key))
    narrator.tell(
      .register,
      fullName,
      "signs the handling agreement \(agreement.name)",
      since: start
    )
  }

  /// Checks the name and reserves it.
  mutating func reserve() async throws {
    let applicant = try applicant()
    var candidate = try await judgedCandidate(applicant)
    for _ in 0..<5 where candidate.outcome == .refused && candidate.hasIdentical {
      // Another run drew the same characters.
      var generator = SystemRandomNumberGenerator()
      placeholders = Placeholders(
        scenario,
        fresh: Placeholders.drawn(by: &generator),
        today: placeholders.today
      )
      candidate = try await judgedCandidate(applicant)
    }
    let start = ContinuousClock.now
    let request = Liaoning_Registry_V1_ReserveNameRequest.with {
      $0.candidates = [candidate.candidate]
      $0.similarConfirmed = true
    }
    let reservation = try await reserved(request, by: applicant)
    findings.reservation = reservation.name
    narrator.tell(
      .reserve,
      applicant.fullName,
      "reserves \(reservation.candidate.enterpriseName), no. \(reservation.number)",
      "\(reservation.state)".uppercased(),
      since: start
    )
  }

  private func reserved(
    _ request: Liaoning_Registry_V1_ReserveNameRequest,
    by applicant: Player
  ) async throws -> Liaoning_Registry_V1_Reservation {
    do {
      return try await applicant.client.names.reserveName(request)
    } catch {
      guard error.reason == "NAME_HOARDING" else { throw error }
    }
    try await releaseLeftovers(of: applicant)
    return try await applicant.client.names.reserveName(request)
  }

  private func judgedCandidate(_ applicant: Player) async throws -> Judged {
    let start = ContinuousClock.now
    let candidate = try Liaoning_Registry_V1_NameCandidate(
      jsonString: placeholders.filled(scenario.candidate).encoded
    )
    let judgement = try await applicant.client.names.checkName(.with { $0.candidate = candidate })
    let found = judgement.violations.map(\.rule) + judgement.hits.map(\.rule)
    narrator.tell(
      .reserve,
      applicant.fullName,
      "checks \(candidate.enterpriseName)" + (found.isEmpty ? "" : ": \(Set(found).sorted())"),
      Self.word(judgement.outcome),
      since: start
    )
    return Judged(
      candidate: candidate,
      outcome: judgement.outcome,
      hasIdentical: judgement.hits.contains { $0.verdict == .identical }
        && Self.holdsFresh(scenario.candidate)
    )
  }

  private struct Judged {
    let candidate: Liaoning_Registry_V1_NameCandidate
    let outcome: Liaoning_Registry_V1_CheckNameResponse.Outcome
    let hasIdentical: Bool
  }

  private static func holdsFresh(_ candidate: JSON) -> Bool {
    candidate.encoded.contains("{fresh}")
  }

  private static func word(_ outcome: Liaoning_Registry_V1_CheckNameResponse.Outcome) -> String {
    switch outcome {
    case .reservable: "RESERVABLE"
    case .reservableWithRisk: "WITH RISK"
    case .manualReview: "MANUAL REVIEW"
    case .refused: "REFUSED"
    case .unspecified, .UNRECOGNIZED: "UNKNOWN"
    }
  }

  /// Gives up what interrupted runs have left reserved.
  private func releaseLeftovers(of player: Player) async throws {
    for try await old in player.client.names.allReservations()
    where old.state == .reserved && old.filing.isEmpty {
      _ = try await player.client.names.releaseReservation(
        .with {
          $0.name = old.name
          $0.etag = old.etag
        }
      )
    }
  }

  /// Opens a draft with the scenario's content.
  mutating func draft() async throws {
    let start = ContinuousClock.now
    let applicant = try applicant()
    content = try placeholders.filled(scenario.content)
    let form = try Liaoning_Registry_V1_FilingContent(jsonString: content.encoded)
    filing = try await applicant.client.filings.createFiling(
      .with {
        $0.filing.business = .establishment
        $0.filing.reservation = findings.reservation
        $0.filing.content = form
      }
    )
    findings.filing = filing.name
    tell(.draft, applicant, "drafts a filing, no. \(filing.number)", start)
  }

  /// Judges the content: every violation at once.
  mutating func validate() async throws {
    let start = ContinuousClock.now
    let applicant = try applicant()
    let judgement = try await applicant.client.filings.validateFiling(
      .with { $0.name = filing.name }
    )
    guard judgement.violations.isEmpty else {
      throw RegistryFailure(
        code: .invalidArgument,
        reason: "FILING_RULES_BROKEN",
        message: "The content breaks \(judgement.violations.count) rules.",
        violations: judgement.violations.map {
          .init(field: $0.field, rule: $0.rule, description: "\($0.description_p) (\($0.basis))")
        }
      )
    }
    tell(.validate, applicant, "has the form judged: no rule is broken", start)
  }

  /// Has the documents rendered and the tasks opened.
  mutating func prepare() async throws {
    let start = ContinuousClock.now
    let applicant = try applicant()
    try await refresh()
    filing = try await applicant.client.filings.prepareFiling(
      .with {
        $0.name = filing.name
        $0.etag = filing.etag
      }
    )
    clockLead = filing.prepareTime.date.timeIntervalSinceNow
    let documents = try await applicant.client.filings.listDocuments(
      .with { $0.parent = filing.name }
    )
    let count = documents.documents.count
    tell(
      .prepare,
      applicant,
      "has \(count) documents rendered and \(filing.signatureCount) signatures asked for",
      start
    )
  }

  /// Changes the content.
  mutating func edit(_ step: Scenario.Step) async throws {
    let start = ContinuousClock.now
    let applicant = try applicant()
    try await refresh()
    let path = step.path.split(separator: ".").map(String.init)
    guard case .text(var text)? = content.value(at: path[...]) else {
      throw JourneyError.otherwise(step: "edit", "there is no text at \(step.path)")
    }
    for (old, new) in step.replace.sorted(by: { $0.key < $1.key }) {
      guard text.contains(old) else {
        throw JourneyError.otherwise(step: "edit", "\(step.path) does not hold \(old)")
      }
      text = text.replacing(old, with: placeholders.filled(new))
    }
    let edited = content.setting(path[...], to: .text(text))
    var changed = filing
    changed.content = try Liaoning_Registry_V1_FilingContent(jsonString: edited.encoded)
    let request = Liaoning_Registry_V1_UpdateFilingRequest.with {
      $0.filing = changed
      $0.updateMask.paths = ["content.\(step.path)"]
    }
    filing = try await applicant.client.filings.updateFiling(request)
    content = edited
    tell(.edit, applicant, "changes \(step.path)", start)
  }

  /// Deletes the filing.
  mutating func delete() async throws {
    let start = ContinuousClock.now
    let applicant = try applicant()
    try await refresh()
    filing = try await applicant.client.filings.deleteFiling(
      .with {
        $0.name = filing.name
        $0.etag = filing.etag
      }
    )
    tell(.delete, applicant, "deletes the filing", start)
  }

  /// Submits the filing.
  mutating func submit() async throws {
    let start = ContinuousClock.now
    let applicant = try applicant()
    try await refresh()
    filing = try await applicant.client.filings.submitFiling(
      .with {
        $0.name = filing.name
        $0.etag = filing.etag
      }
    )
    tell(.submit, applicant, "submits; the authority acts by \(filing.dueDate)", start)
  }

  /// Withdraws the filing.
  mutating func withdraw() async throws {
    let start = ContinuousClock.now
    let applicant = try applicant()
    filing = try await applicant.client.filings.withdrawFiling(.with { $0.name = filing.name })
    tell(.withdraw, applicant, "withdraws the filing", start)
  }

  /// Reads the filing as it stands now.
  mutating func refresh() async throws {
    filing = try await applicant().client.filings.getFiling(.with { $0.name = filing.name })
  }

  func tell(_ deed: Deed, _ player: Player, _ what: String, _ start: ContinuousClock.Instant) {
    narrator.tell(deed, player.fullName, what, filing.state.word, since: start)
  }
}
