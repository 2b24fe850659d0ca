internal import APIConventions
internal import Accounts
internal import Foundation
internal import Identity
internal import Names
internal import Postgres
internal import RegistryAPI
internal import RegistryTestKit
internal import Rendering
internal import RoomsTestKit
internal import ShangMi
internal import Synchronization
internal import Testing
internal import Vocabulary

@testable internal import Filings
@testable internal import Signatures

/// How many times the race between withdrawal and approval is run; the others a quarter of that.
private let rounds = 1_000

@Suite("Two at once", .database(filingsMigrations), .serialized)
struct RaceTests {
  @Test("a withdrawal and an approval exclude each other (C10)", .timeLimit(.minutes(5)))
  func withdrawAndComplete() async throws {
    let track = try await Track(Counter(on: TestDatabase.ofSuite()), serial: 1)
    let code = try #require(UnifiedSocialCreditCode("91210100XX0000019C"))
    var withdrawals = 0
    for _ in 0..<rounds {
      let filing = try await track.examined()
      async let withdrawal = outcome { try await track.counter.withdraw(filing, by: track.citizen) }
      async let approval = outcome { try await track.complete(filing, as: code) }
      let (withdrawn, approved) = try await (withdrawal, approval)
      let end = try await track.stored(filing)
      switch (withdrawn, approved) {
      case (nil, "FILING_NOT_EXAMINED"):
        withdrawals += 1
        #expect(end.state == .withdrawn)
        #expect(end.entity == nil)
      case ("FILING_DECIDED", nil):
        #expect(end.state == .completed)
        #expect(end.entity == code)
        track.nameIsUsed()
      default:
        Issue.record("\(withdrawn as Any), \(approved as Any)")
        return
      }
    }
    // Both come first now and then, or the race was none.
    #expect((1..<rounds).contains(withdrawals))
  }

  @Test("an edit takes a signature back, whichever comes first", .timeLimit(.minutes(5)))
  func signAndEdit() async throws {
    let track = try await Track(Counter(on: TestDatabase.ofSuite()), serial: 2)
    for round in 0..<rounds / 4 {
      let (filing, task) = try await track.awaiting(.opened)
      let request = try track.citizen.signing(task, at: track.counter.now)
      async let signature = outcome {
        try await track.counter.call(as: track.citizen.caller) {
          try await track.counter.signatures.signDocument(request: request, context: $0)
        }
      }
      async let edit = outcome { try await track.edit(filing, round) }
      let (signed, edited) = try await (signature, edit)
      #expect(edited == nil)
      #expect(signed == nil || signed == "SIGNATURE_TASK_CLOSED")
      let end = try await track.stored(filing)
      let ended = try await track.counter.tasks(of: filing, for: track.citizen.caller)
      guard end.state == .draft, ended.map(\.state) == [.voided], edited == nil else {
        Issue.record("\(end.state), \(ended.map(\.state))")
        return
      }
      try await track.drop(filing)
    }
  }

  @Test(
    "of a submission and an edit of one version exactly one takes effect",
    .timeLimit(.minutes(5))
  )
  func submitAndEdit() async throws {
    let track = try await Track(Counter(on: TestDatabase.ofSuite()), serial: 3)
    for round in 0..<rounds / 4 {
      let (filing, _) = try await track.awaiting(.signed)
      async let submission = outcome { try await track.counter.submit(filing, by: track.citizen) }
      async let edit = outcome { try await track.edit(filing, round) }
      let (submitted, edited) = try await (submission, edit)
      let end = try await track.stored(filing)
      let ended = try await track.counter.tasks(of: filing, for: track.citizen.caller)
      switch (submitted, edited) {
      case (nil, "FILING_STALE"):
        #expect(end.state == .submitted)
        #expect(ended.map(\.state) == [.signed])
      case ("FILING_NOT_READY", nil):
        #expect(end.state == .draft)
        #expect(ended.map(\.state) == [.voided])
      default:
        Issue.record("\(submitted as Any), \(edited as Any)")
        return
      }
      try await track.drop(filing)
    }
  }

  @Test(
    "of a deletion and a submission of one version exactly one takes effect",
    .timeLimit(.minutes(5))
  )
  func deleteAndSubmit() async throws {
    let track = try await Track(Counter(on: TestDatabase.ofSuite()), serial: 4)
    for _ in 0..<rounds / 4 {
      let (filing, _) = try await track.awaiting(.signed)
      async let submission = outcome { try await track.counter.submit(filing, by: track.citizen) }
      async let deletion = outcome { try await track.counter.delete(filing, by: track.citizen) }
      let (submitted, deleted) = try await (submission, deletion)
      let end = try await track.stored(filing)
      switch (submitted, deleted) {
      case (nil, "FILING_STALE"):
        #expect(end.state == .submitted)
        try await track.drop(filing)
      case ("FILING_NOT_READY", nil):
        #expect(end.state == .deleted)
      default:
        Issue.record("\(submitted as Any), \(deleted as Any)")
        return
      }
    }
  }
}

/// One citizen's filings, one after another, brought to a state without rendering.
private final class Track: Sendable {
  let counter: Counter
  let citizen: Citizen
  private let content: FilingContent
  /// The name that the next filing uses, if there is one.
  private let reservation = Mutex<String?>(nil)

  init(_ counter: Counter, serial: Int) async throws {
    self.counter = counter
    let person = Person.born("19510101", serial: serial)
    citizen = try await counter.citizen(person)
    content = .sample(
      .company(
        .sample(
          shareholders: [.sample(person, 100)],
          legalRepresentative: person,
          directors: [person],
          supervisors: [],
          manager: nil
        )
      ),
      liaison: person
    )
  }

  /// The reserved name was consumed; the next filing takes another.
  func nameIsUsed() { reservation.withLock { $0 = nil } }

  private func open() async throws -> Liaoning_Registry_V1_Filing {
    let kept = reservation.withLock(\.self)
    let name: String
    if let kept {
      name = kept
    } else {
      name = try await counter.reserve(for: content, by: citizen)
      reservation.withLock { $0 = name }
    }
    return try await counter.open(content, by: citizen, reservation: name)
  }

  /// A filing that is examined.
  func examined() async throws -> Liaoning_Registry_V1_Filing {
    let opened = try await open()
    let id = try RegionalID(filingName: opened.name)
    let now = counter.now
    return try await counter.atDesk { [citizen] desk, _ in
      let draft = try await desk.lockedFiling(id)
      let prepared = try draft.prepared(at: now, under: .current)
      try await desk.save(prepared, over: draft, .filingPrepared, by: citizen.account, at: now)
      let submitted = try prepared.submitted(
        with: SignatureProgress(total: 1, signed: 1, refusal: nil),
        at: now,
        dueDate: today
      )
      try await desk.names.keepAlive(draft.name.reservation, by: citizen.account, from: now)
      try await desk.save(submitted, over: prepared, .filingSubmitted, by: citizen.account, at: now)
      let accepted = try submitted.accepted(by: "staff/S0001", at: now, dueDate: today)
      try await desk.save(accepted, over: submitted, .filingAccepted, by: "staff/S0001", at: now)
      let examined = try await desk.examine(
        accepted,
        expecting: 4,
        by: "staff/S0002",
        at: now
      )
      return try await desk.proto(of: examined)
    }
  }

  /// Approves a filing, as a review does.
  func complete(
    _ filing: Liaoning_Registry_V1_Filing,
    as code: UnifiedSocialCreditCode
  ) async throws -> Filing {
    let id = try RegionalID(filingName: filing.name)
    let now = counter.now
    return try await counter.atDesk { desk, _ in
      let examined = try await desk.lockedFiling(id)
      let completed = try await desk.complete(
        examined,
        entity: code,
        expecting: examined.version,
        by: "staff/S0002",
        at: now
      )
      try await desk.names.consume(
        examined.name.reservation,
        for: code,
        by: "staff/S0002",
        at: now
      )
      return completed
    }
  }

  /// A prepared filing with a charter that the citizen is to sign, has opened, or has signed.
  func awaiting(
    _ state: SignatureTask.State
  ) async throws -> (Liaoning_Registry_V1_Filing, Liaoning_Registry_V1_SignatureTask) {
    let opened = try await open()
    let id = try RegionalID(filingName: opened.name)
    let now = counter.now
    return try await counter.atDesk { [citizen] desk, transaction in
      let draft = try await desk.lockedFiling(id)
      let prepared = try draft.prepared(at: now, under: .current)
      let paper = try #require(FilingPapers.papers(of: draft).first { $0.kind == .charter })
      let pdf = Array("%PDF of \(id)".utf8)
      let document = FiledDocument(
        kind: .charter,
        title: paper.printed.title,
        pdfSM3: SM3Digest(hashing: pdf),
        byteCount: pdf.count,
        pdf: pdf,
        printedSM3: paper.printedSM3
      )
      try await DocumentStore(transaction).replace(document, of: id, at: now)
      let key = DocumentKey(kind: .charter, title: document.title, pdfSM3: document.pdfSM3)
      try await desk.tasks.open(
        [SignatureRequest(document: key, party: .person(citizen.person), roles: [.shareholder])],
        for: id,
        applicant: draft.applicant,
        by: citizen.account,
        at: now
      )
      var task = try #require(try await SignatureStore(transaction).lockedTasks(of: id).first)
      let seen = try task.opened(at: now)
      try await desk.tasks.save(
        seen,
        over: task,
        .signatureTaskOpened,
        by: citizen.account,
        at: now
      )
      task = seen
      if state == .signed {
        let signed = try task.signed(by: draft.applicant, at: now)
        try await desk.tasks.save(
          signed,
          over: task,
          .signatureTaskSigned,
          by: citizen.account,
          at: now
        )
        task = signed
      }
      try await desk.save(prepared, over: draft, .filingPrepared, by: citizen.account, at: now)
      return (try await desk.proto(of: prepared), task.proto(masked: false, at: now))
    }
  }

  /// Changes the charter.
  func edit(
    _ filing: Liaoning_Registry_V1_Filing,
    _ round: Int
  ) async throws -> Liaoning_Registry_V1_Filing {
    try await counter.update(filing, paths: ["content.company.charter_text"], by: citizen) {
      $0.company.charterText += "第\(round)次修改。"
    }
  }

  /// Deletes a filing in whichever state before acceptance it is.
  func drop(_ filing: Liaoning_Registry_V1_Filing) async throws {
    let current = try await counter.get(filing.name, as: citizen.caller)
    _ = try await counter.delete(current, by: citizen)
  }

  func stored(_ filing: Liaoning_Registry_V1_Filing) async throws -> Filing {
    let id = try RegionalID(filingName: filing.name)
    return try await counter.atDesk { desk, _ in try await desk.lockedFiling(id) }
  }
}
