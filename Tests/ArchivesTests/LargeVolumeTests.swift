internal import APIConventions
internal import Accounts
internal import Foundation
internal import Postgres
internal import RegistryAPI
internal import RegistryTestKit
internal import RoomsTestKit
internal import ShangMi
internal import SwiftProtobuf
internal import Testing
internal import Vocabulary

@testable internal import Archives
@testable internal import Filings
@testable internal import Signatures

@Suite("The largest volume", .database(archivesMigrations))
struct LargeVolumeTests {
  @Test(
    "a cooperative of 500 members with long handwriting fits, is sealed and arrives whole",
    .timeLimit(.minutes(4))
  )
  func fiveHundredMembers() async throws {
    let stacks = try await Stacks(on: TestDatabase.ofSuite())
    let members = (0..<500).map { Person.sample($0 % 90, born: 1950 + $0 / 90) }
    let chair = try await stacks.citizen(members[0])
    let draft = try await stacks.open(.cooperative(members), by: chair)
    let prepared = try await stacks.prepare(draft, by: chair)
    #expect(prepared.signatureCount == 1_002)
    try await stacks.signEverything(of: prepared, as: chair)
    let submitted = try await stacks.submit(prepared, by: chair)
    let filing = try await stacks.approved(submitted, of: "211100")
    let archivist = Stacks.archivist(of: "211100")
    let packaged = try await stacks.package(filing.name, as: archivist)
    #expect(packaged.items.count > 1_000)
    // About 16 KiB of handwriting each: a quarter of what a package may have.
    #expect((15 << 20...32 << 20).contains(Int(packaged.sizeBytes)))
    let volume = try await stacks.seal(packaged, as: archivist)
    let chunks = try await stacks.download(volume.name, as: archivist)
    #expect(chunks.count == Int((volume.sizeBytes + 262_143) / 262_144))
    #expect(SM3.digest(chunks.flatMap(\.self)).bytes == [UInt8](volume.packageSm3))
  }
}

extension Stacks {
  fileprivate func prepare(_ filing: FilingMessage, by citizen: Citizen) async throws
    -> FilingMessage
  {
    try await call(as: citizen.caller) {
      try await filings.prepareFiling(
        request: .with {
          $0.name = filing.name
          $0.etag = filing.etag
          $0.requestID = UUID().uuidString
        },
        context: $0
      )
    }
  }

  fileprivate func submit(_ filing: FilingMessage, by citizen: Citizen) async throws
    -> FilingMessage
  {
    try await call(as: citizen.caller) {
      try await filings.submitFiling(
        request: .with {
          $0.name = filing.name
          $0.etag = filing.etag
          $0.requestID = UUID().uuidString
        },
        context: $0
      )
    }
  }

  /// Signs all tasks of a filing with one key: 500 accounts would take longer than what is tested.
  fileprivate func signEverything(of filing: FilingMessage, as citizen: Citizen) async throws {
    let id = try RegionalID(filingName: filing.name)
    let account = try #require(
      RegionalID(resourceName: citizen.account, collection: "accounts")
    )
    let now = now
    try await atDesk { desk, transaction in
      let store = SignatureStore(transaction)
      for task in try await store.lockedTasks(of: id) {
        let opened = try task.opened(at: now)
        try await desk.tasks.save(
          opened,
          over: task,
          .signatureTaskOpened,
          by: account.description,
          at: now
        )
        let signed = try opened.signed(by: account, at: now)
        let statement: [UInt8] = try handwriting(on: signed, by: citizen, at: now).serializedBytes()
        let value = try citizen.key.sign(
          SignedStatement.bytes(of: SignatureStatement.messageName, statement)
        )
        try await store.insert(
          SignatureEvidence(
            task: signed,
            statement: statement,
            algorithm: citizen.key.algorithm,
            distinguishingIdentifier: "1234567812345678",
            signature: value,
            publicKey: citizen.key.publicKey.der,
            receiveTime: now
          )
        )
        try await desk.tasks.save(
          signed,
          over: opened,
          .signatureTaskSigned,
          by: account.description,
          at: now
        )
      }
    }
  }

  /// A long signature: 1,200 points.
  private func handwriting(
    on task: SignatureTask,
    by citizen: Citizen,
    at instant: Date
  ) -> Liaoning_Registry_V1_DocumentStatement {
    .with {
      $0.task = task.name
      $0.documentSm3 = Data(task.document.pdfSM3.bytes)
      $0.signer = citizen.account
      $0.roles = task.roles.map(\.proto)
      $0.signTime = instant.timestamp
      $0.strokes = (0..<10).map { stroke in
        .with {
          $0.points = (0..<120).map { point in
            .with {
              $0.x = Int32(200 + stroke * 60 + point)
              $0.y = Int32(300 + point)
              $0.offsetMs = Int32(stroke * 2_000 + point * 8 + 20_000)
              $0.pressure = Int32(400 + point)
            }
          }
        }
      }
      $0.device = "test"
    }
  }
}
