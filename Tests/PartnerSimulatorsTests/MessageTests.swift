internal import APIConventions
internal import Foundation
internal import Outbox
internal import RegistryAPI
internal import SwiftProtobuf
internal import Testing
internal import Vocabulary

@testable internal import PartnerSimulators
@testable internal import RegistryServer

@Suite("Sending messages", .timeLimit(.minutes(1)))
struct MessageTests {
  private static func delivery(
    _ uuid: UUID = UUID(),
    to mobile: String = "13900000001",
    text: String = "【辽宁登记】营业执照已核发。"
  ) throws -> Delivery {
    try Delivery(
      id: RegionalID(region: try #require(RegionCode("210000")), uuid: uuid),
      to: .messages,
      kind: "license.issued",
      subject: "licenses/91210200XX0000027C",
      request: Liaoning_Partners_V1_SendMessageRequest.with {
        $0.mobileNumber = mobile
        $0.text = text
      }
    )
  }

  private static func send(_ delivery: Delivery, _ bed: PartnerBed) async throws -> String {
    let send = try #require(bed.gateways.receivers[.messages])
    return try await send(delivery)
  }

  @Test("a message arrives once under its delivery's id, however often it is handed over")
  func once() async throws {
    try await PartnerBed.with { (bed) async throws in
      let delivery = try Self.delivery()
      let receipts = try await withThrowingTaskGroup(of: String.self) { group in
        for _ in 1...8 { group.addTask { try await Self.send(delivery, bed) } }
        return try await group.reduce(into: Set()) { $0.insert($1) }
      }
      #expect(receipts == ["sms-1"])
      #expect(
        bed.partners.messages == [
          ReceivedMessage(
            deliveryID: delivery.id.uuid.uuidString.lowercased(),
            mobileNumber: "13900000001",
            text: "【辽宁登记】营业执照已核发。",
            receipt: "sms-1"
          )
        ]
      )
      #expect(try await Self.send(try Self.delivery(), bed) == "sms-2")
    }
  }

  @Test("a message whose receipt came too late was sent; the next attempt gets the receipt")
  func lateReceipt() async throws {
    let limits = GatewayLimits.quick.answering(within: .milliseconds(200))
    try await PartnerBed.with(script: "delay\tmessages\t60000\n", limits: limits) {
      (bed) async throws in
      let delivery = try Self.delivery()
      await #expect(throws: GatewayFailure.self) { try await Self.send(delivery, bed) }
      bed.partners.follow(try .bundled())
      #expect(try await Self.send(delivery, bed) == "sms-1")
      #expect(bed.partners.messages.count == 1)
    }
  }

  @Test("a gateway that is down fails the attempt, and refuses nothing for good")
  func down() async throws {
    try await PartnerBed.with(script: "down\tmessages\n") { (bed) async throws in
      await #expect(throws: GatewayFailure.self) { try await Self.send(try Self.delivery(), bed) }
      #expect(bed.partners.messages.isEmpty)
    }
  }

  @Test(
    "what the gateway can never send is refused for good",
    arguments: [
      ("12900000001", "短信"), ("1390000000", "短信"), ("13900000001", ""),
      ("13900000001", String(repeating: "短", count: 501)),
    ]
  )
  func refusal(mobile: String, text: String) async throws {
    try await PartnerBed.with { (bed) async throws in
      let delivery = try Self.delivery(to: mobile, text: text)
      await #expect(throws: DeliveryRefusal.self) { try await Self.send(delivery, bed) }
      #expect(bed.partners.messages.isEmpty)
    }
  }

  @Test("500 characters are sent")
  func longest() async throws {
    try await PartnerBed.with { (bed) async throws in
      let text = String(repeating: "短", count: 500)
      #expect(try await Self.send(try Self.delivery(text: text), bed) == "sms-1")
    }
  }

  @Test("a payload that is no message is refused for good")
  func foreignPayload() async throws {
    try await PartnerBed.with { (bed) async throws in
      let delivery = try Delivery(
        id: RegionalID(region: try #require(RegionCode("210000")), uuid: UUID()),
        to: .messages,
        kind: "license.issued",
        subject: "licenses/91210200XX0000027C",
        // A number where the text's field is one of length.
        request: Google_Protobuf_Int64Value.with { $0.value = 1 }
      )
      await #expect(throws: DeliveryRefusal.self) { try await Self.send(delivery, bed) }
    }
  }

  @Test("a gateway that starts again knows by its file what it sent")
  func restart() async throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let path = folder.path("messages.jsonl")
    let delivery = try Self.delivery()
    for _ in 1...2 {
      try await PartnerBed.with(messages: path) { (bed) async throws in
        #expect(try await Self.send(delivery, bed) == "sms-1")
      }
    }
    try await PartnerBed.with(messages: path) { (bed) async throws in
      #expect(try await Self.send(try Self.delivery(), bed) == "sms-2")
    }
    let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
    #expect(lines.count == 2)
    #expect(lines[0].contains("\"mobile_number\":\"13900000001\""))
  }

  @Test("a file that holds no messages is not written over")
  func foreignFile() throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let path = folder.path("messages.jsonl")
    try Data("no message\n".utf8).write(to: URL(fileURLWithPath: path))
    #expect(throws: MessageLogError(path: path)) {
      try Partners(script: .bundled(), messagesPath: path)
    }
    #expect(try String(contentsOfFile: path, encoding: .utf8) == "no message\n")
  }
}

/// A folder for one test.
struct TemporaryFolder {
  private let url: URL

  init() throws {
    url = FileManager.default.temporaryDirectory
      .appendingPathComponent("partners-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  /// A file in it.
  func path(_ name: String) -> String { url.appendingPathComponent(name).path }

  /// Removes it with all that it holds; what is left behind does no harm.
  func remove() { try? FileManager.default.removeItem(at: url) }
}
