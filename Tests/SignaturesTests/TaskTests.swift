internal import APIConventions
internal import Accounts
internal import Foundation
internal import GRPCCore
internal import RegistryAPI
internal import Testing
internal import Vocabulary

@testable internal import Signatures

@Suite("Moving a signature task")
struct TaskTests {
  private let signer = newID()

  @Test("a task waits, is opened, is signed", arguments: SignatureTask.State.allCases)
  func signing(state: SignatureTask.State) throws {
    let task = SignatureTask.sample(state)
    switch state {
    case .pending:
      #expect(throws: SignatureError.notOpened(task.id)) {
        try task.signed(by: signer, at: nineOClock)
      }
    case .opened:
      let signed = try task.signed(by: signer, at: nineOClock)
      #expect(signed.state == .signed)
      #expect(signed.signer == signer)
      #expect(signed.closeTime == nineOClock)
      #expect(signed.version == task.version + 1)
    case .signed, .refused, .voided:
      let ending = try #require(SignatureError.Ending(rawValue: state.rawValue))
      #expect(throws: SignatureError.closed(task.id, ending)) {
        try task.signed(by: signer, at: nineOClock)
      }
    }
  }

  @Test("opening is for live tasks, and once", arguments: SignatureTask.State.allCases)
  func opening(state: SignatureTask.State) throws {
    let task = SignatureTask.sample(state)
    switch state {
    case .pending:
      #expect(try task.opened(at: nineOClock).version == task.version + 1)
      #expect(try task.opened(at: nineOClock).state == .opened)
    case .opened: #expect(try task.opened(at: nineOClock) == task)
    case .signed, .refused, .voided:
      #expect(throws: SignatureError.self) { try task.opened(at: nineOClock) }
    }
  }

  @Test("refusing is for live tasks, opened or not", arguments: SignatureTask.State.allCases)
  func refusing(state: SignatureTask.State) throws {
    let task = SignatureTask.sample(state)
    switch state {
    case .pending, .opened:
      let refused = try task.refused(because: "不同意", by: signer, at: nineOClock)
      #expect(refused.state == .refused)
      #expect(refused.refusalReason == "不同意")
    case .signed, .refused, .voided:
      #expect(throws: SignatureError.self) {
        try task.refused(because: "不同意", by: signer, at: nineOClock)
      }
    }
  }

  @Test("voiding is once", arguments: SignatureTask.State.allCases)
  func voiding(state: SignatureTask.State) {
    let task = SignatureTask.sample(state)
    #expect((task.voided(at: nineOClock) == nil) == (state == .voided))
  }

  @Test("a task expires after 30 days", arguments: [(-0.001, false), (0, true)])
  func expiry(seconds: TimeInterval, isExpired: Bool) {
    let end = nineOClock.addingTimeInterval(30 * 86_400 + seconds)
    let task = SignatureTask.sample(.opened)
    #expect(task.isExpired(at: end) == isExpired)
    #expect((try? task.signed(by: signer, at: end)) == nil || !isExpired)
    #expect(task.proto(masked: true, at: end).state == (isExpired ? .expired : .opened))
    let signed = SignatureTask.sample(.signed)
    #expect(!signed.isExpired(at: end))
  }

  @Test("a signed task stands for the same request alone; a refused or expired one for none")
  func standing() {
    let person = Person.numbered(1)
    let request = SignatureRequest(
      document: .sample(),
      party: .person(person),
      roles: [.shareholder, .director]
    )
    #expect(SignatureTask.sample(.signed).stands(for: request, at: nineOClock))
    #expect(SignatureTask.sample(.pending).stands(for: request, at: nineOClock))
    let late = nineOClock.addingTimeInterval(31 * 86_400)
    #expect(SignatureTask.sample(.signed).stands(for: request, at: late))
    #expect(!SignatureTask.sample(.pending).stands(for: request, at: late))
    #expect(!SignatureTask.sample(.refused).stands(for: request, at: nineOClock))
    #expect(!SignatureTask.sample(.voided).stands(for: request, at: nineOClock))
    let others = [
      SignatureRequest(
        document: .sample(of: "别的"),
        party: .person(person),
        roles: [.shareholder, .director]
      ),
      SignatureRequest(
        document: .sample(),
        party: .person(Person.numbered(2)),
        roles: [.shareholder, .director]
      ),
      SignatureRequest(document: .sample(), party: .person(person), roles: [.shareholder]),
    ]
    for other in others {
      #expect(!SignatureTask.sample(.signed).stands(for: other, at: nineOClock))
    }
  }

  @Test("roles stand in order, and go to a message and back")
  func roles() {
    let request = SignatureRequest(
      document: .sample(),
      party: .person(Person.numbered(1)),
      roles: [.manager, .shareholder]
    )
    #expect(request.roles == [.shareholder, .manager])
    for role in SignatureRole.allCases {
      #expect(SignatureRole(proto: role.proto) == role)
      #expect(!role.term.isEmpty)
    }
    #expect(SignatureRole(proto: .unspecified) == nil)
  }

  @Test("numbers are masked but to the person")
  func masking() {
    let task = SignatureTask.sample()
    let own = task.proto(masked: false, at: nineOClock).party.person
    let others = task.proto(masked: true, at: nineOClock).party.person
    #expect(own.identityNumber == Person.numbered(1).identityNumber.description)
    #expect(others.identityNumber.contains("**********"))
    #expect(others.mobileNumber.contains("****"))
  }

  @Test("every failure has a status, a reason of its own and a message")
  func errors() {
    let id = newID()
    let errors: [SignatureError] = [
      .requestInvalid([]), .notFound(""), .notOpened(id), .closed(id, .expired),
      .statementMismatch([]), .signatureInvalid(id), .unsigned(id), .stale(id),
    ]
    #expect(Set(errors.map(\.reason)).count == errors.count)
    #expect(errors.allSatisfy { !$0.message.isEmpty && $0.code != .unknown })
    #expect(SignatureError.closed(id, .expired).metadata["state"] == "EXPIRED")
  }
}
