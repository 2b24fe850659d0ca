internal import APIConventions
internal import Accounts
internal import Foundation
internal import RegistryAPI
internal import ShangMi
internal import SwiftProtobuf
internal import Testing

@testable internal import Signatures

@Suite("Reading what a signer states")
struct StatementTests {
  private let task = SignatureTask.sample()
  private let signer = newID()

  /// The rules that a statement breaks.
  private func broken(
    _ change: (inout Liaoning_Registry_V1_DocumentStatement) -> Void
  ) throws -> [String] {
    let bytes: [UInt8] = try Liaoning_Registry_V1_DocumentStatement.sample(
      task,
      by: signer,
      change
    ).serializedBytes()
    return try SignatureStatement(bytes).violations(against: task, by: signer, at: nineOClock)
      .map(\.rule)
  }

  @Test("a statement about task, document, signer and roles is accepted")
  func fitting() throws {
    #expect(try broken { _ in } == [])
    #expect(try broken { $0.roles.reverse() } == [])
  }

  @Test("a statement about something else is refused, telling where")
  func mismatches() throws {
    #expect(try broken { $0.task = "signatureTasks/x" } == ["STATEMENT_TASK_MISMATCH"])
    #expect(try broken { $0.documentSm3[0] ^= 1 } == ["STATEMENT_DOCUMENT_MISMATCH"])
    #expect(try broken { $0.documentSm3 = Data() } == ["STATEMENT_DOCUMENT_MISMATCH"])
    #expect(
      try broken { $0.signer = newID().name(in: "accounts") } == ["STATEMENT_SIGNER_MISMATCH"]
    )
    #expect(try broken { $0.roles.removeLast() } == ["STATEMENT_ROLES_MISMATCH"])
    #expect(try broken { $0.roles.append(.manager) } == ["STATEMENT_ROLES_MISMATCH"])
    #expect(try broken { $0.roles[1] = $0.roles[0] } == ["STATEMENT_ROLES_MISMATCH"])
    #expect(try broken { $0.roles[1] = .unspecified } == ["STATEMENT_ROLES_MISMATCH"])
    #expect(try broken { $0.clearSignTime() } == ["STATEMENT_TIME_MISMATCH"])
    let everything = try broken {
      $0 = .with { $0.device = "x" }
    }
    #expect(everything.count == 6)
  }

  @Test(
    "the signer's clock is within 10 minutes of the server's, both ways",
    arguments: [(-601, false), (-600, true), (600, true), (601, false)] as [(TimeInterval, Bool)]
  )
  func clock(seconds: TimeInterval, isLawful: Bool) throws {
    let rules = try broken {
      $0.signTime = Google_Protobuf_Timestamp(date: nineOClock.addingTimeInterval(seconds))
    }
    #expect(rules == (isLawful ? [] : ["STATEMENT_TIME_MISMATCH"]))
  }

  @Test(
    "a time that no calendar has is a mismatch, and brings nobody down",
    arguments: [
      (Int64.min, 0), (Int64.max, 0), (-62_135_596_801, 0), (253_402_300_800, 0),
      (0, Int32.min), (0, Int32.max),
    ] as [(Int64, Int32)]
  )
  func lawlessTime(seconds: Int64, nanos: Int32) throws {
    let rules = try broken {
      if seconds != 0 { $0.signTime.seconds = seconds }
      $0.signTime.nanos = nanos
    }
    #expect(rules == ["STATEMENT_TIME_MISMATCH"])
  }

  @Test("1 to 200 strokes", arguments: [(0, false), (1, true), (200, true), (201, false)])
  func strokes(count: Int, isLawful: Bool) throws {
    let rules = try broken {
      $0.strokes = Array(repeating: .with { $0.points = [.init()] }, count: count)
    }
    #expect(rules == (isLawful ? [] : ["STROKE_COUNT_UNLAWFUL"]))
  }

  @Test(
    "1 to 2,000 points a stroke",
    arguments: [(0, false), (1, true), (2_000, true), (2_001, false)]
  )
  func points(count: Int, isLawful: Bool) throws {
    let rules = try broken { $0.strokes = [.sample(points: count)] }
    #expect(rules == (isLawful ? [] : ["POINT_COUNT_UNLAWFUL"]))
  }

  @Test("at most 10,000 points in all", arguments: [(5, 0, true), (5, 1, false)])
  func allPoints(strokes: Int, more: Int, isLawful: Bool) throws {
    let full = Liaoning_Registry_V1_Stroke.with {
      $0.points = Array(repeating: .init(), count: 2_000)
    }
    let rest = Liaoning_Registry_V1_Stroke.with {
      $0.points = Array(repeating: .init(), count: more)
    }
    let rules = try broken {
      $0.strokes = Array(repeating: full, count: strokes) + (more > 0 ? [rest] : [])
    }
    #expect(rules == (isLawful ? [] : ["POINT_TOTAL_UNLAWFUL"]))
  }

  @Test("points lie in their ranges")
  func ranges() throws {
    let lawful: [(Int32, Int32, Int32, Int32)] = [(0, 0, 0, 0), (10_000, 10_000, 600_000, 1_000)]
    let unlawful: [(Int32, Int32, Int32, Int32)] = [
      (-1, 0, 0, 0), (10_001, 0, 0, 0), (0, -1, 0, 0), (0, 10_001, 0, 0), (0, 0, -1, 0),
      (0, 0, 600_001, 0), (0, 0, 0, -1), (0, 0, 0, 1_001),
    ]
    func rules(_ point: (Int32, Int32, Int32, Int32)) throws -> [String] {
      try broken {
        $0.strokes = [
          .with { stroke in
            stroke.points = [
              .with { ($0.x, $0.y, $0.offsetMs, $0.pressure) = point }
            ]
          }
        ]
      }
    }
    for point in lawful { #expect(try rules(point) == []) }
    for point in unlawful { #expect(try rules(point) == ["POINT_OUT_OF_RANGE"]) }
  }

  @Test("time does not fall from one point to the next, across strokes too")
  func time() throws {
    let falling = try broken {
      $0.strokes = [.sample(points: 3), .sample(points: 1)]
    }
    #expect(falling == ["POINT_TIME_FALLS"])
  }

  @Test(
    "the device's description has at most 200 characters",
    arguments: [(200, true), (201, false)]
  )
  func device(length: Int, isLawful: Bool) throws {
    let rules = try broken { $0.device = String(repeating: "字", count: length) }
    #expect(rules == (isLawful ? [] : ["STATEMENT_DEVICE_TOO_LONG"]))
  }

  @Test("bytes that are too many, none, or no statement are refused")
  func bytes() {
    #expect(throws: SignatureError.self) { try SignatureStatement([]) }
    #expect(throws: SignatureError.self) { try SignatureStatement([0xFF, 0xFF]) }
    // An unknown field fills the statement up to its limit.
    let head: [UInt8] = [0x9A, 0x06]
    func filled(_ count: Int) -> [UInt8] {
      let length = count - head.count - 3
      let varint = [
        UInt8(length & 0x7F | 0x80), UInt8(length >> 7 & 0x7F | 0x80), UInt8(length >> 14),
      ]
      return head + varint + Array(repeating: 0, count: length)
    }
    #expect((try? SignatureStatement(filled(262_144))) != nil)
    #expect((try? SignatureStatement(filled(262_145))) == nil)
  }
}

@Suite("Verifying a signature from what is stored")
struct EvidenceTests {
  private let key = SigningKey(generating: .sm2)
  private let signer = newID()
  private let pdf = Array("章程".utf8)

  /// Evidence of a signed task, but for what a test changes.
  private func evidence(
    statement change: (inout Liaoning_Registry_V1_DocumentStatement) -> Void = { _ in },
    tampered: (inout [UInt8]) -> Void = { _ in },
    algorithm: SignatureAlgorithm = .sm2WithSM3,
    publicKey: [UInt8]? = nil,
    state: SignatureTask.State = .signed
  ) throws -> SignatureEvidence {
    var task = try SignatureTask.sample().signed(by: signer, at: nineOClock)
    var bytes: [UInt8] = try Liaoning_Registry_V1_DocumentStatement.sample(
      task,
      by: signer,
      change
    ).serializedBytes()
    let signature = try key.sign(
      SignedStatement.bytes(of: SignatureStatement.messageName, bytes)
    )
    tampered(&bytes)
    task.state = state
    return SignatureEvidence(
      task: task,
      statement: bytes,
      algorithm: algorithm,
      distinguishingIdentifier: "1234567812345678",
      signature: signature,
      publicKey: publicKey ?? key.publicKey.der,
      receiveTime: nineOClock
    )
  }

  @Test("a signature holds for the stored statement, key and document")
  func valid() throws {
    #expect(try evidence().faults(pdf: pdf) == [])
  }

  @Test("whatever was changed afterwards is found")
  func faults() throws {
    #expect(try evidence().faults(pdf: pdf + [0]) == ["DOCUMENT_CHANGED"])
    #expect(try evidence().faults(pdf: nil) == ["DOCUMENT_CHANGED"])
    #expect(
      try evidence(tampered: { $0[$0.count - 1] ^= 1 }).faults(pdf: pdf).contains(
        "SIGNATURE_INVALID"
      )
    )
    #expect(
      try evidence(publicKey: SigningKey(generating: .sm2).publicKey.der).faults(pdf: pdf)
        == ["SIGNATURE_INVALID"]
    )
    #expect(try evidence(publicKey: [1]).faults(pdf: pdf) == ["KEY_UNREADABLE"])
    #expect(
      try evidence(algorithm: .ecdsaP256SHA256).faults(pdf: pdf) == ["KEY_UNREADABLE"]
    )
    #expect(
      try evidence(statement: { $0.task = "signatureTasks/x" }).faults(pdf: pdf)
        == ["STATEMENT_MISMATCH"]
    )
    #expect(try evidence(state: .voided).faults(pdf: pdf) == ["TASK_VOIDED"])
  }
}
