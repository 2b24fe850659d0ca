internal import APIConventions
internal import Foundation
internal import RegistryAPI
internal import SwiftProtobuf
internal import Vocabulary

/// Whose events a caller may see.
enum EventViewer: Hashable, Sendable {
  /// All of them.
  case staff
  /// Those that the account caused, those about itself, and those of the filings that it created.
  case account(String)
}

/// Which events a list asks for; parsed.
struct EventFilter: Hashable, Sendable {
  /// The filing's name.
  let filing: String?
  /// The entity's name.
  let entity: String?
  /// Who did it.
  let actor: String?
  /// The resource's name.
  let subject: String?
  /// At or after.
  let start: Date?
  /// Before.
  let end: Date?

  /// Parses a request's filters.
  ///
  /// - Throws: `TraceError.requestInvalid` with every malformed one.
  init(_ request: Liaoning_Registry_V1_ListEventsRequest) throws(TraceError) {
    var violations: [Violation] = []
    func name(_ field: String, _ text: String, _ isWellFormed: (String) -> Bool) -> String? {
      if text.isEmpty { return nil }
      if !isWellFormed(text) {
        violations.append(
          Violation(field: field, rule: "NAME_MALFORMED", description: "不是规定格式的资源名称")
        )
      }
      return text
    }
    func time(_ field: String, _ isSet: Bool, _ time: Google_Protobuf_Timestamp) -> Date? {
      guard isSet else { return nil }
      guard Self.seconds.contains(time.seconds), (0..<1_000_000_000).contains(time.nanos) else {
        violations.append(
          Violation(field: field, rule: "TIME_OUT_OF_RANGE", description: "时间超出允许的范围")
        )
        return nil
      }
      return time.date
    }
    filing = name("filing", request.filing) {
      RegionalID(resourceName: $0, collection: "filings") != nil
    }
    entity = name("entity", request.entity) { text in
      ResourceName.ids(in: text, of: "entities")
        .map { UnifiedSocialCreditCode(String($0[0])) != nil } ?? false
    }
    actor = name("actor", request.actor) { $0 == "system" || Self.isName($0) }
    subject = name("subject", request.subject, Self.isName)
    start = time("start_time", request.hasStartTime, request.startTime)
    end = time("end_time", request.hasEndTime, request.endTime)
    guard violations.isEmpty else { throw .requestInvalid(violations) }
  }

  /// The years 1 to 9999, as `google.protobuf.Timestamp` has them.
  private static let seconds: ClosedRange<Int64> = -62_135_596_800...253_402_300_799

  /// Collections and ids in turn, of printable ASCII.
  private static func isName(_ text: String) -> Bool {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    return text.utf8.count <= 1_000 && parts.count.isMultiple(of: 2)
      && parts.allSatisfy { !$0.isEmpty }
      && text.utf8.allSatisfy { (0x21...0x7E).contains($0) }
  }
}

/// Where a list of events goes on.
struct EventPosition: Hashable, Sendable {
  /// When the last event of the page before was.
  let time: Date
  /// Its id.
  let id: UUID

  private static let list = "events"

  /// The place after an event.
  init(after event: StoredEvent) {
    time = event.time
    id = event.id
  }

  /// Parses a page token; nothing for an empty one.
  ///
  /// - Throws: `PagingError.invalidToken`.
  init?(token: String) throws(PagingError) {
    guard let position = try PageToken.position(token, in: Self.list) else { return nil }
    (time, id) = position
  }

  /// The page token.
  var token: String {
    PageToken(list: Self.list, after: time, id).text
  }
}
