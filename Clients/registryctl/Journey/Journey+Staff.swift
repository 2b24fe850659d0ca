internal import Foundation
internal import RegistryAPI
internal import RegistryClient
internal import SwiftProtobuf

// The authority's part of 5 and 6, on the inner listener with the certificates of staff.
extension Journey {
  private static let checklist = [
    "MATERIALS_COMPLETE", "LEGAL_FORM", "NAME", "SCOPE", "SIGNATURES", "JURISDICTION",
  ]

  /// A clerk accepts.
  mutating func accept() async throws {
    try await decide(.accept, by: .clerk, "accepts") { client, filing in
      try await client.reviews.acceptFiling(
        .with {
          $0.name = filing.name
          $0.etag = filing.etag
        }
      )
    }
  }

  /// A clerk returns the filing with what is to be corrected.
  mutating func returnFiling(_ step: Scenario.Step) async throws {
    try await decide(.return, by: .clerk, "returns for correction") { client, filing in
      try await client.reviews.returnFiling(
        .with {
          $0.name = filing.name
          $0.etag = filing.etag
          $0.corrections = [
            .with {
              $0.field = step.path
              $0.description_p = step.because.isEmpty ? "请补正后重新提交。" : step.because
            }
          ]
        }
      )
    }
  }

  /// A clerk declines.
  mutating func decline(_ step: Scenario.Step) async throws {
    try await decide(.decline, by: .clerk, "declines") { client, filing in
      try await client.reviews.declineFiling(
        .with {
          $0.name = filing.name
          $0.etag = filing.etag
          $0.reason = step.because.isEmpty ? "不属于本机关管辖。" : step.because
        }
      )
    }
  }

  /// An examiner examines by the whole checklist.
  mutating func examine() async throws {
    try await decide(.examine, by: .examiner, "examines by \(Self.checklist.count) points") {
      client,
      filing in
      try await client.reviews.examineFiling(
        .with {
          $0.name = filing.name
          $0.etag = filing.etag
          $0.opinion = .approve
          $0.checklist = Self.checklist.map { item in
            .with {
              $0.item = item
              $0.passed = true
            }
          }
        }
      )
    }
  }

  /// An examiner approves: entity, licence and message are written in one transaction.
  mutating func approve() async throws {
    try await decide(.approve, by: .examiner, "approves: entity, licence, SMS") { client, filing in
      try await client.reviews.approveFiling(
        .with {
          $0.name = filing.name
          $0.etag = filing.etag
        }
      )
    }
  }

  /// An examiner rejects.
  mutating func reject(_ step: Scenario.Step) async throws {
    try await decide(.reject, by: .examiner, "rejects") { client, filing in
      try await client.reviews.rejectFiling(
        .with {
          $0.name = filing.name
          $0.etag = filing.etag
          $0.reason = step.because.isEmpty ? "申请不符合法定条件。" : step.because
        }
      )
    }
  }

  private mutating func decide(
    _ deed: Deed,
    by role: StaffRole,
    _ what: String,
    _ decision: (RegistryClient, Liaoning_Registry_V1_Filing) async throws ->
      Liaoning_Registry_V1_Filing
  ) async throws {
    let start = ContinuousClock.now
    let (number, client) = try await staff(role)
    let read = try await client.filings.getFiling(.with { $0.name = filing.name })
    filing = try await decision(client, read)
    narrator.tell(deed, "\(role) \(number)", what, filing.state.word, since: start)
  }

  // MARK: Around the steps

  /// Bars the persons whom the scenario names.
  mutating func impose() async throws(JourneyError) {
    do {
      for restriction in scenario.restrictions {
        let start = ContinuousClock.now
        let (number, client) = try await staff(.head)
        guard let person = scenario.people[restriction.person],
          let scope = try? Liaoning_Registry_V1_Restriction(
            jsonString: "{\"scope\":\"\(restriction.scope)\"}"
          ).scope
        else {
          throw JourneyError.otherwise(step: "restrict", "unknown scope \(restriction.scope)")
        }
        let made = try await client.accounts.createRestriction(
          .with {
            $0.restriction.person.fullName = person.fullName
            $0.restriction.person.identityNumber = person.identityNumber
            $0.restriction.scope = scope
            $0.restriction.ground = restriction.ground
          }
        )
        restrictions.append(made.name)
        narrator.tell(
          nil,
          "head \(number)",
          "bars \(person.fullName): \(restriction.scope)",
          "RESTRICTED",
          since: start
        )
      }
    } catch {
      throw Self.error(error, in: "restrict")
    }
  }

  /// Lifts the restrictions, ends an unfinished filing and gives its name back.
  mutating func tidyUp() async throws(JourneyError) {
    do {
      try await liftRestrictions()
      try await endFiling()
      try await releaseName()
    } catch {
      throw Self.error(error, in: "tidying up")
    }
  }

  private mutating func liftRestrictions() async throws {
    for name in restrictions {
      let start = ContinuousClock.now
      let (number, client) = try await staff(.head)
      _ = try await client.accounts.liftRestriction(
        .with {
          $0.name = name
          $0.ground = "情景演示结束。"
        }
      )
      narrator.tell(nil, "head \(number)", "lifts the restriction", "LIFTED", since: start)
    }
    restrictions = []
  }

  private mutating func endFiling() async throws {
    guard !filing.name.isEmpty else { return }
    let start = ContinuousClock.now
    let applicant = try applicant()
    try await refresh()
    switch filing.state {
    case .draft, .awaitingSignatures, .ready, .submitted, .returned:
      filing = try await applicant.client.filings.deleteFiling(
        .with {
          $0.name = filing.name
          $0.etag = filing.etag
        }
      )
    case .accepted, .examined:
      filing = try await applicant.client.filings.withdrawFiling(.with { $0.name = filing.name })
    case .notAccepted, .completed, .rejected, .archived, .withdrawn, .deleted, .unspecified,
      .UNRECOGNIZED:
      return
    }
    narrator.tell(nil, applicant.fullName, "ends the filing", filing.state.word, since: start)
  }

  private func releaseName() async throws {
    guard !findings.reservation.isEmpty else { return }
    let start = ContinuousClock.now
    let applicant = try applicant()
    let name = findings.reservation
    let reservation = try await applicant.client.names.getReservation(.with { $0.name = name })
    guard reservation.state == .reserved, reservation.filing.isEmpty else { return }
    let released = try await applicant.client.names.releaseReservation(
      .with {
        $0.name = name
        $0.etag = reservation.etag
      }
    )
    narrator.tell(
      nil,
      applicant.fullName,
      "gives the name back",
      "\(released.state)".uppercased(),
      since: start
    )
  }
}
