internal import APIConventions
internal import Foundation
internal import RegistryAPI
internal import SwiftProtobuf
internal import Vocabulary

@testable internal import Accounts
@testable internal import Filings
@testable internal import Ledger
@testable internal import Licenses
@testable internal import Names
@testable internal import Reviews
@testable internal import Signatures

extension FuzzTarget {
  /// Requests as they come: serialized messages, decoded and parsed by the rooms.
  static let requests = [
    FuzzTarget(name: "filing-contents", limit: 8_192, read: RequestTargets.filingContents),
    FuzzTarget(name: "requests", limit: 4_096, read: RequestTargets.requests),
  ]
}

/// Refusing a request is right; whatever else a parser does with one, it must return.
enum RequestTargets {
  private static let instant = Date(timeIntervalSince1970: 1_795_395_600)

  /// Content that is accepted is judged by every rule, and is the same when it is read again.
  static func filingContents(_ bytes: [UInt8]) throws {
    guard let proto = try? Liaoning_Registry_V1_FilingContent(serializedBytes: bytes),
      let content = try? FilingContent(proto, at: "content"),
      let region = RegionCode("210100")
    else { return }
    let written = content.proto(masked: false)
    try demand(try FilingContent(written, at: "content") == content, "content changes")
    _ = content.proto(masked: true)
    let id = RegionalID(region: content.domicileRegion.city, uuid: sampleID)
    let filing = Filing(
      id: id,
      business: .establishment,
      name: Filing.ReservedName(
        reservation: id,
        enterpriseName: "沈阳试验科技有限公司",
        entityType: content.entityType,
        region: region
      ),
      content: content,
      number: "21010020261123010000010",
      applicant: id,
      at: instant
    )
    for law in LawProfile.allCases {
      _ = FilingRules.violations(in: filing, on: CivilDate(instant), under: law)
    }
    _ = ScopeRules.flags(in: content)
    _ = ScopeRules.preApprovalItems(in: content)
  }

  private static let sampleID = UUID(
    uuid: (1, 154, 27, 44, 61, 78, 127, 80, 138, 155, 12, 29, 46, 63, 74, 91)
  )

  /// The first byte says which request; the rest is the message.
  static func requests(_ bytes: [UInt8]) throws {
    guard let kind = bytes.first else { return }
    let rest = Array(bytes.dropFirst())
    let parser = parsers[Int(kind) % parsers.count]
    try? parser(rest)
  }

  /// Whoever adds one adds it at the end: the corpus counts on the order.
  private static let parsers: [@Sendable ([UInt8]) throws -> Void] = [
    { _ = try AccountCreation(message($0)) },
    { _ = try AgreementSigning(message($0)) },
    { _ = try LoginAnswer(message($0)).answers(nil, by: nil) },
    { _ = try RestrictionDecision(message($0), at: instant) },
    { _ = try DetachedSignature(message($0)) },
    { _ = try NameDeclaration(message($0)) },
    { _ = try LibraryImport(message($0)) },
    { _ = try SignatureStatement($0) },
    { _ = try TaskPage(message($0)) },
    { _ = try FilingPage(message($0)) },
    { _ = try VerificationRequest(message($0)) },
    { _ = try ReturnOrder(message($0)) },
    { _ = try Declination(message($0)) },
    { _ = try Rejection(message($0)) },
    { _ = try Examination(message($0)) },
    { _ = try EventFilter(message($0)) },
  ]

  private static func message<Request: Message>(_ bytes: [UInt8]) throws -> Request {
    try Request(serializedBytes: bytes)
  }
}
