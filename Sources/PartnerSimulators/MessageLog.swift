internal import Foundation
internal import Glibc

/// A message that the gateway was given: a line of its file.
package struct ReceivedMessage: Codable, Equatable, Sendable {
  /// The registry's id of the delivery.
  package let deliveryID: String
  /// Whom to.
  package let mobileNumber: String
  /// What.
  package let text: String
  /// What the gateway answered.
  package let receipt: String

  enum CodingKeys: String, CodingKey {
    case deliveryID = "delivery_id"
    case mobileNumber = "mobile_number"
    case text
    case receipt
  }
}

/// The messages received, in memory and in a file.
struct MessageLog {
  private(set) var all: [ReceivedMessage] = []
  private var receipts = Replies<String>()
  private var count = 0
  private let file: FileHandle?

  /// The messages of a file, which need not exist yet.
  ///
  /// - Throws: `MessageLogError`.
  init(path: String?) throws(MessageLogError) {
    guard let path else {
      file = nil
      return
    }
    let descriptor = open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw MessageLogError(path: path) }
    let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    self.file = file
    do {
      for line in try (file.readToEnd() ?? Data()).split(separator: UInt8(ascii: "\n")) {
        keep(try JSONDecoder().decode(ReceivedMessage.self, from: line))
      }
    } catch {
      throw MessageLogError(path: path)
    }
  }

  /// Takes a message, unless it was taken.
  ///
  /// - Returns: Its receipt.
  /// - Throws: `MessageLogError`; then it was not taken.
  mutating func receive(
    _ deliveryID: String,
    for mobileNumber: String,
    text: String
  ) throws(MessageLogError) -> String {
    if let receipt = receipts[deliveryID] { return receipt }
    let message = ReceivedMessage(
      deliveryID: deliveryID,
      mobileNumber: mobileNumber,
      text: text,
      receipt: "sms-\(count + 1)"
    )
    if let file {
      do {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        try file.write(contentsOf: encoder.encode(message) + Data("\n".utf8))
      } catch {
        throw MessageLogError(path: "the file of messages")
      }
    }
    keep(message)
    return message.receipt
  }

  private mutating func keep(_ message: ReceivedMessage) {
    receipts[message.deliveryID] = message.receipt
    count += 1
    all.append(message)
    if all.count > Self.shown { all.removeFirst(all.count - Self.shown) }
  }

  /// How many messages `all` holds, the newest.
  private static let shown = 1_000
}

/// The file of messages cannot be read or written.
package struct MessageLogError: Error, Equatable, CustomStringConvertible {
  /// Which.
  package let path: String

  /// What is wrong.
  package var description: String { "\(path) cannot be read or written as a file of messages" }
}
