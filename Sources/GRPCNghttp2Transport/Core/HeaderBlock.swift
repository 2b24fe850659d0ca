internal import GRPCCore

/// The headers or trailers just received, as bytes; reset and used again for each block of a
/// connection.
///
/// Beyond its limit it keeps only the count. `grpc-timeout` is kept apart, so that two calls which
/// differ in their timeouts alone have equal bytes (`hasSameFields`).
struct HeaderBlock {
  private struct Field: Equatable {
    var start: Int
    var nameCount: Int
    var valueCount: Int
  }

  /// The limit of `size`.
  let limit: Int
  /// What HTTP/2 counts: names, values and 32 bytes a field.
  private(set) var size = 0
  /// The value of `grpc-timeout`, empty if there was none.
  private(set) var timeout: [UInt8] = []
  private var bytes: [UInt8] = []
  private var fields: [Field] = []

  init(limit: Int) {
    self.limit = limit
  }

  /// Whether the headers were larger than allowed, and so aren't all here.
  var isTooLarge: Bool { size > limit }

  /// Whether the headers are so much larger than allowed that the peer can't mean well.
  var isHuge: Bool { size / 16 > limit }

  /// Whether there is no field; a block with only a timeout is empty.
  var isEmpty: Bool { fields.isEmpty }

  mutating func reset() {
    size = 0
    timeout.removeAll(keepingCapacity: true)
    bytes.removeAll(keepingCapacity: true)
    fields.removeAll(keepingCapacity: true)
  }

  mutating func append(name: UnsafeBufferPointer<UInt8>, value: UnsafeBufferPointer<UInt8>) {
    size += name.count + value.count + 32
    if isTooLarge { return }
    if name.count == 12, name.elementsEqual("grpc-timeout".utf8) {
      timeout.removeAll(keepingCapacity: true)
      timeout.append(contentsOf: value)
      return
    }
    fields.append(Field(start: bytes.count, nameCount: name.count, valueCount: value.count))
    bytes.append(contentsOf: name)
    bytes.append(contentsOf: value)
  }

  /// Whether another block has the same fields in the same order, the timeout left aside.
  func hasSameFields(as other: HeaderBlock) -> Bool {
    bytes == other.bytes && fields == other.fields
  }

  /// The first value of a name in lower case, as bytes.
  func bytes(of name: String) -> ArraySlice<UInt8>? {
    for field in fields where field.nameCount == name.utf8.count {
      let end = field.start + field.nameCount
      if bytes[field.start..<end].elementsEqual(name.utf8) {
        return bytes[end..<end + field.valueCount]
      }
    }
    return nil
  }

  /// The first value of a name in lower case, as text.
  func text(of name: String) -> String? {
    bytes(of: name).map { String(decoding: $0, as: UTF8.self) }
  }

  /// All fields that are metadata: not HTTP/2's, not the protocol's.
  ///
  /// Values of `-bin` names are decoded, one element for each of a list separated by commas; what
  /// isn't Base64 stays text.
  func metadata() -> Metadata {
    var metadata = Metadata()
    metadata.reserveCapacity(fields.count)
    for field in fields {
      let end = field.start + field.nameCount
      let name = String(decoding: bytes[field.start..<end], as: UTF8.self)
      if ReservedHeaders.contains(name) { continue }
      let value = bytes[end..<end + field.valueCount]
      guard name.hasSuffix("-bin") else {
        metadata.addString(String(decoding: value, as: UTF8.self), forKey: name)
        continue
      }
      for part in value.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false) {
        if let decoded = Base64.decode(part) {
          metadata.addBinary(decoded, forKey: name)
        } else {
          metadata.addString(String(decoding: part, as: UTF8.self), forKey: name)
        }
      }
    }
    return metadata
  }

  /// The status that trailers carry, or nil if there is no `grpc-status`; an unknown number is
  /// `.unknown`.
  func status() -> Status? {
    guard let code = text(of: "grpc-status") else { return nil }
    return Status(
      code: Int(code).flatMap { Status.Code(rawValue: $0) } ?? .unknown,
      message: bytes(of: "grpc-message").map { PercentEncoding.decode($0) } ?? ""
    )
  }
}
