internal import CNghttp2
internal import GRPCCore

/// Headers or trailers to be sent.
struct HeaderList: @unchecked Sendable {
  // Unchecked: `immortal` points at memory that is never changed or freed.

  private var bytes: [UInt8] = []
  private var fields: [(nameCount: Int, valueCount: Int)] = []
  private var immortal: UnsafeBufferPointer<nghttp2_nv>?

  init() {}

  /// A list that is made once and sent often, without copies.
  private init(immortal fields: [(StaticString, StaticString)]) {
    let pairs = UnsafeMutableBufferPointer<nghttp2_nv>.allocate(capacity: fields.count)
    let flags = UInt8(
      NGHTTP2_NV_FLAG_NO_COPY_NAME.rawValue | NGHTTP2_NV_FLAG_NO_COPY_VALUE.rawValue
    )
    for (index, field) in fields.enumerated() {
      pairs.initializeElement(
        at: index,
        to: nghttp2_nv(
          name: UnsafeMutablePointer(mutating: field.0.utf8Start),
          value: UnsafeMutablePointer(mutating: field.1.utf8Start),
          namelen: field.0.utf8CodeUnitCount,
          valuelen: field.1.utf8CodeUnitCount,
          flags: flags
        )
      )
    }
    immortal = UnsafeBufferPointer(pairs)
  }

  /// The headers of a response without metadata.
  static let plainResponse = HeaderList(immortal: [
    (":status", "200"), ("content-type", "application/grpc"),
  ])

  /// The trailers of success without metadata.
  static let plainSuccess = HeaderList(immortal: [("grpc-status", "0")])

  /// Adds a field.
  ///
  /// - Parameters:
  ///   - name: In lower case.
  ///   - value: Printable ASCII.
  mutating func append(_ name: String, _ value: String) {
    append(name, value.utf8)
  }

  /// Adds a field whose value is given as bytes.
  mutating func append(_ name: String, _ value: some Collection<UInt8>) {
    let start = bytes.count
    bytes.append(contentsOf: name.utf8)
    let middle = bytes.count
    bytes.append(contentsOf: value)
    fields.append((middle - start, bytes.count - middle))
  }

  /// Adds metadata: names in lower case, `-bin` values in Base64, reserved names left out.
  ///
  /// - Returns: The first name whose name or value HTTP/2 can't carry, which is left out too; nil
  ///   if there is none.
  @discardableResult
  mutating func append(_ metadata: Metadata) -> String? {
    var unfit: String?
    for (key, value) in metadata {
      let name = key.lowercased()
      if ReservedHeaders.contains(name) { continue }
      guard Self.isFitName(name) else {
        unfit = unfit ?? name
        continue
      }
      switch value {
      case .binary(let bytes) where name.hasSuffix("-bin"):
        append(name, Base64.encode(bytes))
      case .string(let text) where name.hasSuffix("-bin"):
        append(name, Base64.encode(Array(text.utf8)))
      case .string(let text) where Self.isFitValue(text):
        append(name, text)
      case .string, .binary:
        unfit = unfit ?? name
      }
    }
    return unfit
  }

  /// Adds `grpc-status`, and `grpc-message` unless it is empty.
  mutating func append(_ status: Status) {
    append("grpc-status", String(status.code.rawValue))
    if !status.message.isEmpty {
      append("grpc-message", PercentEncoding.encode(status.message))
    }
  }

  private static func isFitName(_ name: String) -> Bool {
    !name.isEmpty
      && name.utf8.allSatisfy { character in
        switch character {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
          UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "."):
          true
        default: false
        }
      }
  }

  private static func isFitValue(_ value: String) -> Bool {
    value.utf8.allSatisfy { (0x20...0x7E).contains($0) }
  }

  /// Lends the list in nghttp2's form, for the time of the closure.
  func withPairs<Result>(_ body: (UnsafePointer<nghttp2_nv>?, Int) -> Result) -> Result {
    if let immortal { return body(immortal.baseAddress, immortal.count) }
    return bytes.withUnsafeBufferPointer { bytes in
      withUnsafeTemporaryAllocation(of: nghttp2_nv.self, capacity: max(1, fields.count)) { pairs in
        guard let base = bytes.baseAddress else { return body(nil, 0) }
        var position = UnsafeMutablePointer(mutating: base)
        for (index, field) in fields.enumerated() {
          pairs.initializeElement(
            at: index,
            to: nghttp2_nv(
              name: position,
              value: position + field.nameCount,
              namelen: field.nameCount,
              valuelen: field.valueCount,
              flags: UInt8(NGHTTP2_NV_FLAG_NONE.rawValue)
            )
          )
          position += field.nameCount + field.valueCount
        }
        return body(UnsafePointer(pairs.baseAddress), fields.count)
      }
    }
  }
}
