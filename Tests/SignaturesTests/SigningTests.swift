internal import APIConventions
internal import Accounts
internal import Foundation
internal import Identity
internal import Ledger
internal import Postgres
internal import RegistryAPI
internal import RegistryTestKit
internal import ShangMi
internal import SwiftProtobuf
internal import Testing
internal import Vocabulary

@testable internal import Signatures

@Suite("Signing a document", .database(signaturesMigrations))
struct SigningTests {
  @Test("a task is listed, opened, signed, and its signature verified")
  func signing() async throws {
    let bureau = try Bureau(on: TestDatabase.ofSuite())
    let signer = try await bureau.citizen(Person.numbered(1))
    let filing = try await bureau.opened(
      [.person(signer.person)],
      roles: [.shareholder, .director]
    )
    let task = try #require(try await bureau.list(as: signer.caller, filing: filing).first)
    #expect(task.state == .pending)
    #expect(task.roles == [.shareholder, .director])
    await expectReason("SIGNATURE_TASK_UNSIGNED") {
      try await bureau.verify(task, as: signer.caller)
    }
    await expectReason("SIGNATURE_TASK_NOT_OPENED") { try await bureau.sign(task, by: signer) }
    #expect(try await bureau.open(task, by: signer).state == .opened)
    let signed = try await bureau.sign(task, by: signer)
    #expect(signed.state == .signed)
    #expect(signed.signer == signer.account)
    #expect(try await bureau.get(task.name, as: signer.caller) == signed)
    let verified = try await bureau.verify(task, as: signer.caller)
    #expect(verified.valid)
    #expect(verified.reasons == [])
    #expect(verified.signature.algorithm == .sm2WithSm3)
    #expect(verified.signature.distinguishingIdentifier == "1234567812345678")
    await expectReason("SIGNATURE_TASK_CLOSED") { try await bureau.sign(task, by: signer) }
    await expectReason("SIGNATURE_TASK_CLOSED") { try await bureau.open(task, by: signer) }
    await expectReason("SIGNATURE_TASK_CLOSED") {
      try await bureau.refuse(task, because: "不同意", by: signer)
    }
    let evidence = try await bureau.inTasks { try await $0.evidence(of: filing) }
    #expect(evidence.map(\.task.name) == [task.name])
    #expect(evidence.first?.faults(pdf: bureau.pdf) == [])
    bureau.setPDF(Array("另一份".utf8))
    #expect(try await bureau.verify(task, as: signer.caller).reasons == ["DOCUMENT_CHANGED"])
  }

  @Test("a key of P-256 signs too")
  func otherAlgorithm() async throws {
    let bureau = try Bureau(on: TestDatabase.ofSuite())
    let signer = try await bureau.citizen(Person.numbered(2), key: SigningKey(generating: .p256))
    let filing = try await bureau.opened([.person(signer.person)])
    let task = try #require(try await bureau.list(as: signer.caller, filing: filing).first)
    _ = try await bureau.open(task, by: signer)
    _ = try await bureau.sign(task, by: signer)
    let verified = try await bureau.verify(task, as: signer.caller)
    #expect(verified.valid)
    #expect(verified.signature.algorithm == .ecdsaP256Sha256)
    #expect(verified.signature.distinguishingIdentifier == "")
  }

  @Test("a statement about something else, and a signature by another key, are refused")
  func refusedSignatures() async throws {
    let bureau = try Bureau(on: TestDatabase.ofSuite())
    let signer = try await bureau.citizen(Person.numbered(3))
    let other = try await bureau.citizen(Person.numbered(4))
    let filing = try await bureau.opened([.person(signer.person)])
    let task = try #require(try await bureau.list(as: signer.caller, filing: filing).first)
    _ = try await bureau.open(task, by: signer)
    await expectReason("SIGNATURE_STATEMENT_MISMATCH") {
      try await bureau.sign(task, by: signer, stating: { $0.strokes = [] })
    }
    let lent = Signer(
      person: signer.person,
      key: other.key,
      account: signer.account,
      caller: signer.caller
    )
    await expectReason("SIGNATURE_INVALID") { try await bureau.sign(task, by: lent) }
    await expectReason("SIGNATURE_INVALID") {
      try await bureau.sign(task, by: signer, request: { $0.signature.value[9] ^= 1 })
    }
    await expectReason("SIGNATURE_INVALID") {
      try await bureau.sign(
        task,
        by: signer,
        request: { $0.signature.distinguishingIdentifier = "" }
      )
    }
    await expectReason("SIGNATURE_TASK_NOT_FOUND") { try await bureau.sign(task, by: other) }
    await expectReason("SIGNATURE_TASK_NOT_FOUND") { try await bureau.open(task, by: other) }
    await expectReason("SIGNATURE_TASK_NOT_FOUND") {
      try await bureau.get(task.name, as: other.caller)
    }
    await expectReason("SIGNATURE_TASK_NOT_FOUND") { try await bureau.get("x", as: other.caller) }
  }

  @Test("a barred signer, and a barred legal representative, do not sign")
  func restricted() async throws {
    let bureau = try Bureau(on: TestDatabase.ofSuite())
    let barred = try await bureau.citizen(Person.numbered(5))
    let representative = try await bureau.citizen(Person.numbered(6))
    let filing = try await bureau.opened(
      [.person(barred.person), .person(representative.person)],
      roles: [.legalRepresentative]
    )
    for signer in [barred, representative] {
      let task = try #require(try await bureau.list(as: signer.caller, filing: filing).first)
      _ = try await bureau.open(task, by: signer)
    }
    try await bureau.restrict(barred.person, .onlineFiling)
    try await bureau.restrict(representative.person, .legalRepresentative)
    for signer in [barred, representative] {
      let task = try #require(try await bureau.list(as: signer.caller, filing: filing).first)
      await expectReason("ACCOUNT_RESTRICTED") { try await bureau.sign(task, by: signer) }
    }
  }

  @Test(
    "a refusal has a reason of 1 to 500 characters and shows in the progress until it is voided"
  )
  func refusal() async throws {
    let bureau = try Bureau(on: TestDatabase.ofSuite())
    let signer = try await bureau.citizen(Person.numbered(7))
    let filing = try await bureau.opened([.person(signer.person), .person(Person.numbered(8))])
    let task = try #require(try await bureau.list(as: signer.caller, filing: filing).first)
    for reason in ["", "  ", String(repeating: "字", count: 501), "不\0同意", "不\u{202E}同意"] {
      await expectReason("SIGNATURE_REQUEST_INVALID") {
        try await bureau.refuse(task, because: reason, by: signer)
      }
    }
    let longest = String(repeating: "字", count: 500)
    let refused = try await bureau.refuse(task, because: longest, by: signer)
    #expect(refused.state == .refused)
    #expect(refused.refusalReason == longest)
    let progress = try await bureau.inTasks { try await $0.progress(of: filing) }
    #expect(progress == SignatureProgress(total: 2, signed: 0, refusal: longest))
    // An edit that concerns other papers still clears the refusal.
    let voided = try await bureau.inTasks {
      try await $0.void(filing, documents: [.application], by: "system", at: nineOClock)
    }
    #expect(voided.map(\.name) == [task.name])
    let cleared = try await bureau.inTasks { try await $0.progress(of: filing) }
    #expect(cleared == SignatureProgress(total: 1, signed: 0, refusal: nil))
  }

  @Test("a task expires by time alone, and is asked for anew")
  func expiry() async throws {
    let bureau = try Bureau(on: TestDatabase.ofSuite())
    let signer = try await bureau.citizen(Person.numbered(9))
    let filing = try await bureau.opened([.person(signer.person)])
    let task = try #require(try await bureau.list(as: signer.caller, filing: filing).first)
    bureau.moveClock(by: 30 * 86_400)
    #expect(try await bureau.get(task.name, as: signer.caller).state == .expired)
    await expectReason("SIGNATURE_TASK_CLOSED") { try await bureau.open(task, by: signer) }
    _ = try await bureau.opened([.person(signer.person)], filing: filing)
    let states = try await bureau.list(as: signer.caller, filing: filing).map(\.state)
    #expect(states == [.voided, .pending])
  }

  @Test(
    "an organization signs through whom the library names; the library is asked when it matters"
  )
  func organizations() async throws {
    let bureau = try Bureau(on: TestDatabase.ofSuite())
    let signatory = try await bureau.citizen(Person.numbered(10, named: "签字人"))
    let stranger = try await bureau.citizen(Person.numbered(11))
    let filing = try await bureau.opened([.organization(mingche)])
    // Nobody was found when the task was opened: nobody is shown it.
    #expect(try await bureau.list(as: signatory.caller, filing: filing).isEmpty)
    let all = try await bureau.list(as: bureau.staff(), filing: filing)
    let task = try #require(all.first)
    #expect(task.signatoryName == "")
    await expectReason("SIGNATURE_TASK_NOT_FOUND") { try await bureau.open(task, by: signatory) }
    bureau.setSignatory(signatory.person)
    await expectReason("SIGNATURE_TASK_NOT_FOUND") { try await bureau.open(task, by: stranger) }
    #expect(try await bureau.open(task, by: signatory).signatoryName == "签字人")
    #expect(try await bureau.list(as: signatory.caller, filing: filing).count == 1)
    bureau.setSignatory(nil)
    await expectReason("IDENTITY_SOURCE_UNAVAILABLE") { try await bureau.sign(task, by: signatory) }
    bureau.setSignatory(signatory.person)
    #expect(try await bureau.sign(task, by: signatory).state == .signed)
    // The organization's credit code is public; the signatory's number is nobody else's.
    #expect(
      !"\(try await bureau.list(as: bureau.staff(), filing: filing))"
        .contains(signatory.person.identityNumber.description)
    )
  }

  @Test("a repeat of a signature returns the first reply, even when the task is void by then")
  func idempotency() async throws {
    let bureau = try Bureau(on: TestDatabase.ofSuite())
    let signer = try await bureau.citizen(Person.numbered(12))
    let filing = try await bureau.opened([.person(signer.person)])
    let task = try #require(try await bureau.list(as: signer.caller, filing: filing).first)
    _ = try await bureau.open(task, by: signer)
    let request = try signer.signing(task, at: bureau.now)
    let first = try await bureau.call(as: signer.caller) {
      try await bureau.service.signDocument(request: request, context: $0)
    }
    _ = try await bureau.inTasks {
      try await $0.void(filing, documents: nil, by: "system", at: nineOClock)
    }
    let second = try await bureau.call(as: signer.caller) {
      try await bureau.service.signDocument(request: request, context: $0)
    }
    #expect(first == second)
    let verified = try await bureau.verify(task, as: signer.caller)
    #expect(!verified.valid)
    #expect(verified.reasons == ["TASK_VOIDED"])
  }

  @Test("the applicant and the authority's staff see every task of a filing, others their own")
  func visibility() async throws {
    let bureau = try Bureau(on: TestDatabase.ofSuite())
    let applicant = try await bureau.citizen(Person.numbered(13))
    let one = try await bureau.citizen(Person.numbered(14))
    let two = try await bureau.citizen(Person.numbered(15))
    let id = try #require(RegionalID(resourceName: applicant.account, collection: "accounts"))
    let filing = try await bureau.opened(
      [.person(one.person), .person(two.person)],
      applicant: id
    )
    #expect(try await bureau.list(as: applicant.caller, filing: filing).count == 2)
    #expect(try await bureau.list(as: applicant.caller).isEmpty)
    #expect(try await bureau.list(as: bureau.staff(), filing: filing).count == 2)
    #expect(try await bureau.list(as: bureau.staff(of: "210200"), filing: filing).isEmpty)
    #expect(try await bureau.list(as: bureau.staff()).isEmpty)
    let own = try await bureau.list(as: one.caller)
    #expect(own.count == 1)
    #expect(own[0].party.person.identityNumber == one.person.identityNumber.description)
    let seen = try await bureau.get(own[0].name, as: applicant.caller)
    #expect(seen.party.person.identityNumber.contains("**********"))
    await expectReason("SIGNATURE_TASK_NOT_FOUND") {
      try await bureau.get(own[0].name, as: two.caller)
    }
    await expectReason("SIGNATURE_TASK_NOT_FOUND") {
      try await bureau.get(own[0].name, as: bureau.staff(of: "210200"))
    }
    await expectReason("CALLER_UNAUTHENTICATED") { try await bureau.list(as: .anonymous) }
    #expect(
      try await bureau.inTasks {
        try await $0.documentKinds(of: filing, concerning: one.person.identityNumber.description)
      } == [.charter]
    )
    #expect(try await bureau.inTasks { try await $0.parties(of: filing) }.count == 2)
  }

  @Test("tasks are listed oldest first, page by page")
  func paging() async throws {
    let bureau = try Bureau(on: TestDatabase.ofSuite())
    let signer = try await bureau.citizen(Person.numbered(16))
    var filings: [String] = []
    for _ in 0..<5 {
      bureau.moveClock(by: 0.75)
      filings.append(try await bureau.opened([.person(signer.person)]).name(in: "filings"))
    }
    var seen: [String] = []
    var token = ""
    repeat {
      let page = try await bureau.page(as: signer.caller, size: 2, token: token)
      seen += page.signatureTasks.map(\.filing)
      token = page.nextPageToken
    } while !token.isEmpty
    #expect(seen == filings)
    let id = UUID().uuidString
    for wrong in [
      "x", PageToken(list: "filings", keys: ["1", id]).text,
      PageToken(list: "signatureTasks", keys: [String(Int64.min), id]).text,
    ] {
      await expectReason("PAGE_TOKEN_INVALID") {
        try await bureau.page(as: signer.caller, size: 2, token: wrong)
      }
    }
    await expectReason("SIGNATURE_REQUEST_INVALID") {
      try await bureau.call(as: signer.caller) {
        try await bureau.service.listSignatureTasks(
          request: .with { $0.filing = "filing" },
          context: $0
        )
      }
    }
  }

  @Test("the schema lets a task move exactly as the code does, and never changes what it asks for")
  func schema() async throws {
    let bureau = try Bureau(on: TestDatabase.ofSuite())
    let lawful: [SignatureTask.State: Set<SignatureTask.State>] = [
      .pending: [.pending, .opened, .refused, .voided],
      .opened: [.opened, .signed, .refused, .voided],
      .signed: [.voided], .refused: [.voided], .voided: [],
    ]
    for state in SignatureTask.State.allCases {
      for next in SignatureTask.State.allCases {
        let refusal = try await bureau.moved(from: state, to: next)
        #expect((refusal == nil) == (lawful[state] ?? []).contains(next), "\(state) to \(next)")
        if let refusal { #expect(refusal == "a_task_moves_forward") }
      }
    }
    #expect(try await bureau.changedRoles() == "a_task_asks_one_thing")
  }

  @Test("a second writer is refused")
  func staleness() async throws {
    let bureau = try Bureau(on: TestDatabase.ofSuite())
    let filing = try await bureau.opened([.person(Person.numbered(17))])
    let task = try await bureau.inStore { try #require(try await $0.lockedTasks(of: filing).first) }
    await #expect(throws: SignatureError.stale(task.id)) {
      try await bureau.inStore { try await $0.save(task, expecting: 2) }
    }
  }
}
