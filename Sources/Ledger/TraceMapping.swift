internal import APIConventions
internal import Foundation
internal import RegistryAPI
internal import SwiftProtobuf

extension Liaoning_Registry_V1_Event {
  /// The public form of an event; the salt stays inside.
  ///
  /// - Throws: An error if the stored details are no JSON object of texts.
  init(_ chained: ChainedEvent) throws {
    let event = chained.event
    self.init()
    name = "events/\(event.region)-\(event.id.uuidString.lowercased())"
    kind = event.kind
    subject = event.subject
    subjectVersion = event.subjectVersion
    filing = event.filing ?? ""
    entity = event.entity ?? ""
    actor = event.actor
    eventTime = event.time.timestamp
    stateSm3 = Data(event.stateSM3)
    details = try JSONDecoder().decode([String: String].self, from: Data(event.details.utf8))
    chainIndex = chained.chainIndex ?? -1
    chainSm3 = Data(chained.chainSM3 ?? [])
  }
}

extension Liaoning_Registry_V1_ChainHead {
  /// The public form of a head.
  init(_ head: ChainHead) {
    self.init()
    size = head.size
    chainSm3 = Data(head.chainSM3)
    if let time = head.time { chainTime = time.timestamp }
  }
}
