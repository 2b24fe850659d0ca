internal import APIConventions
internal import Accounts
internal import Foundation
internal import RegistryAPI
internal import ShangMi
internal import SwiftProtobuf
internal import Vocabulary

@testable internal import Signatures

/// 2026-11-23 09:00 in Shenyang: the hour of the tests unless they move it.
let nineOClock = Date(timeIntervalSince1970: 1_795_395_600)

/// Made-up people of the province's placeholder region.
enum Person {
  /// A person told from others by a serial of 0 to 99.
  static func numbered(_ serial: Int, named name: String = "测试") -> PersonRecord {
    let body = "210101196505050" + String(String(100 + serial).dropFirst())
    let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
    let sum = zip(body.compactMap(\.wholeNumberValue), weights).reduce(0) { $0 + $1.0 * $1.1 }
    guard
      let number = ResidentIdentityNumber(body + String(Array("10X98765432")[sum % 11])),
      let mobile = MobileNumber("138000000" + String(String(100 + serial).dropFirst()))
    else { preconditionFailure("no identity number") }
    return PersonRecord(fullName: name, identityNumber: number, mobileNumber: mobile)
  }
}

/// A made-up organization.
let mingche = {
  guard let code = UnifiedSocialCreditCode("91210200XX0000027C") else {
    preconditionFailure("no credit code")
  }
  return OrganizationRecord(enterpriseName: "大连明澈咨询有限公司", creditCode: code)
}()

/// A new id at Shenyang.
func newID() -> RegionalID {
  guard let shenyang = RegionCode("210100") else { preconditionFailure("no region") }
  return RegionalID(region: shenyang, uuid: UUID())
}

extension DocumentKey {
  /// A document with a PDF made of a text.
  static func sample(_ kind: DocumentKind = .charter, of text: String = "章程") -> DocumentKey {
    DocumentKey(kind: kind, title: text, pdfSM3: SM3Digest(hashing: Array(text.utf8)))
  }
}

extension SignatureTask {
  /// A task of a person, but for what a test changes.
  static func sample(
    _ state: State = .opened,
    party: PartyRecord = .person(Person.numbered(1)),
    roles: Set<SignatureRole> = [.director, .shareholder],
    at instant: Date = nineOClock
  ) -> SignatureTask {
    var task = SignatureTask(
      SignatureRequest(document: .sample(), party: party, roles: roles),
      id: newID(),
      filing: newID(),
      applicant: newID(),
      at: instant
    )
    task.state = state
    return task
  }
}

extension Liaoning_Registry_V1_DocumentStatement {
  /// A statement that fits a task, but for what a test changes.
  static func sample(
    _ task: SignatureTask,
    by signer: RegionalID,
    at instant: Date = nineOClock,
    _ change: (inout Self) -> Void = { _ in }
  ) -> Self {
    .with {
      $0.task = task.name
      $0.documentSm3 = Data(task.document.pdfSM3.bytes)
      $0.signer = signer.name(in: "accounts")
      $0.roles = task.roles.map(\.proto)
      $0.signTime = Google_Protobuf_Timestamp(date: instant)
      $0.strokes = [.sample(points: 5)]
      change(&$0)
    }
  }
}

extension Liaoning_Registry_V1_Stroke {
  /// A stroke of so many points, 8 ms apart up to the range's end.
  static func sample(points: Int) -> Self {
    .with { stroke in
      stroke.points = (0..<points).map { index in
        .with {
          $0.x = Int32(index % 10_000)
          $0.y = 10
          $0.offsetMs = Int32(min(index * 8, 600_000))
          $0.pressure = 500
        }
      }
    }
  }
}
