internal import APIConventions
internal import GRPCCore
internal import RegistryAPI
internal import RoomsTestKit
internal import Signatures
internal import Testing
internal import Vocabulary

@testable internal import Filings

/// What can be done to a filing, each as the pure function does it.
enum Deed: String, CaseIterable {
  case edit, prepare, submit, accept, `return`, decline, examine, complete, reject, archive,
    withdraw,
    delete

  /// Where it leads from each state from which it is lawful.
  var moves: [Filing.State: Filing.State] {
    func from(_ states: [Filing.State], to state: Filing.State) -> [Filing.State: Filing.State] {
      Dictionary(uniqueKeysWithValues: states.map { ($0, state) })
    }
    return switch self {
    case .edit: from([.draft, .awaitingSignatures, .submitted, .returned], to: .draft)
    case .prepare: from([.draft], to: .awaitingSignatures)
    case .submit: from([.awaitingSignatures], to: .submitted)
    case .accept: from([.submitted], to: .accepted)
    case .return: from([.submitted], to: .returned)
    case .decline: from([.submitted], to: .notAccepted)
    case .examine: from([.accepted], to: .examined)
    case .complete: from([.examined], to: .completed)
    case .reject: from([.examined], to: .rejected)
    case .archive: from([.completed], to: .archived)
    case .withdraw: from([.submitted, .returned, .accepted, .examined], to: .withdrawn)
    case .delete: from([.draft, .awaitingSignatures, .submitted, .returned], to: .deleted)
    }
  }

  /// Why it is refused from a state.
  func refusal(_ filing: Filing) -> FilingError {
    let (id, state) = (filing.id, filing.state)
    return switch self {
    case .edit: .notEditable(id, state)
    case .prepare: .notDraft(id, state)
    case .submit: .notReady(id, state, missing: 0)
    case .accept, .return, .decline: .notSubmitted(id, state)
    case .examine: .notAccepted(id, state)
    case .complete, .reject: .notExamined(id, state)
    case .archive: .notCompleted(id, state)
    case .withdraw:
      [.completed, .rejected, .archived].contains(state)
        ? .decided(id, state) : .notSubmitted(id, state)
    case .delete: .notDeletable(id, state)
    }
  }

  /// Does it.
  func done(to filing: Filing) throws -> Filing {
    let code = UnifiedSocialCreditCode("91210100XX0000019C")
    return switch self {
    case .edit: try filing.edited(filing.content)
    case .prepare: try filing.prepared(at: nineOClock, under: .current)
    case .submit:
      try filing.submitted(
        with: SignatureProgress(total: 3, signed: 3, refusal: nil),
        at: nineOClock,
        dueDate: today
      )
    case .accept: try filing.accepted(by: "staff/S0001", at: nineOClock, dueDate: today)
    case .return: try filing.returned(with: [FilingCorrection(field: "", description: "补正")])
    case .decline: try filing.declined(because: "不属于本机关", at: nineOClock)
    case .examine: try filing.examined(at: nineOClock)
    case .complete: try filing.completed(as: try #require(code), at: nineOClock)
    case .reject: try filing.rejected(because: "不符合规定", at: nineOClock)
    case .archive: try filing.archived()
    case .withdraw: try filing.withdrawn(because: "")
    case .delete: try filing.deleted()
    }
  }
}

@Suite("Moving a filing")
struct FilingTransitionTests {
  @Test("each deed is lawful from its states and refused from all others", arguments: Deed.allCases)
  func deed(_ deed: Deed) throws {
    for state in Filing.State.allCases {
      let filing = Filing.sample(state, version: 7)
      if let next = deed.moves[state] {
        let moved = try deed.done(to: filing)
        #expect(moved.state == next)
        #expect(moved.version == 8)
      } else {
        #expect(throws: deed.refusal(filing)) { try deed.done(to: filing) }
      }
    }
  }

  @Test("a draft that breaks rules is not prepared, and every violation is told")
  func rulesBroken() throws {
    let filing = Filing.sample(
      content: .sample(.company(.sample(capital: 1, supervisors: [Person.t01])))
    )
    do throws(FilingError) {
      _ = try filing.prepared(at: nineOClock, under: .current)
      Issue.record("rules are broken")
    } catch {
      #expect(error.reason == "FILING_RULES_BROKEN")
      #expect(
        error.violations.map(\.rule).sorted() == [
          "CAPITAL_SUM_MISMATCH", "SUPERVISOR_INCOMPATIBLE",
        ]
      )
    }
  }

  @Test(
    "a filing is ready when there are tasks and all are signed",
    arguments: [(0, 0, false), (3, 2, false), (3, 3, true)]
  )
  func readiness(total: Int, signed: Int, isReady: Bool) {
    let filing = Filing.sample(.awaitingSignatures)
    let progress = SignatureProgress(total: total, signed: signed, refusal: nil)
    let submitted = try? filing.submitted(with: progress, at: nineOClock, dueDate: today)
    #expect((submitted != nil) == isReady)
    #expect(filing.proto(progress, masked: true).state == (isReady ? .ready : .awaitingSignatures))
  }

  @Test("what an authority must do is due 3 working days later, 5 under the law of 2017")
  func dueDates() throws {
    #expect(LawProfile.current.actionDueDate(after: today).description == "2026-11-26")
    #expect(LawProfile.law2017.actionDueDate(after: today).description == "2026-11-30")
    let holiday = try #require(CivilDate("2026-09-30"))
    #expect(LawProfile.current.actionDueDate(after: holiday).description == "2026-10-10")
    let autumn = try #require(CivilDate("2017-10-09"))
    #expect(LawProfile.law2017.actionDueDate(after: autumn).description == "2017-10-16")
  }

  @Test("every failure has a status, a reason of its own and a message")
  func errors() {
    let id = Filing.sample().id
    let errors: [FilingError] = [
      .requestInvalid([]), .notFound(""), .documentNotFound(""), .notEditable(id, .accepted),
      .notDeletable(id, .accepted), .notDraft(id, .accepted), .rulesBroken(id, []),
      .preApprovalNotOnline(id, []), .notReady(id, .draft, missing: 1), .notSubmitted(id, .draft),
      .notAccepted(id, .draft), .notExamined(id, .draft), .notCompleted(id, .draft),
      .decided(id, .completed), .stale(id), .reservationHeld, .numbersExhausted, .rendererBusy,
    ]
    #expect(Set(errors.map(\.reason)).count == errors.count)
    #expect(errors.allSatisfy { !$0.message.isEmpty })
    #expect(errors.allSatisfy { $0.code != .unknown })
  }
}
