/// A place that reads bytes of a stranger, fed by the fuzzer or from the kept corpus.
struct FuzzTarget: Sendable {
  /// What it is called on the command line, and the folder of its corpus.
  let name: String
  /// The most bytes of an input that make sense.
  let limit: Int
  /// Reads the bytes.
  ///
  /// Throws a `Finding` if a law is broken; refusing the bytes is no finding.
  let read: @Sendable ([UInt8]) throws -> Void

  /// All of them.
  static let all =
    wire + connections + keys + texts + requests + archives + papers

  /// The target of a name.
  static func named(_ name: String) -> FuzzTarget? {
    all.first { $0.name == name }
  }
}

/// What a reader did that it must not do.
struct Finding: Error, CustomStringConvertible {
  let description: String
}

/// Holds a reader to a law.
///
/// - Throws: A `Finding` that names the law, if it is broken.
func demand(_ isKept: Bool, _ law: @autoclosure () -> String) throws {
  if !isKept { throw Finding(description: law()) }
}

/// Takes an input apart, a part after the other; what is missing at the end is zeros or empty.
struct InputReader {
  private var rest: ArraySlice<UInt8>

  init(_ bytes: [UInt8]) {
    rest = bytes[...]
  }

  var isAtEnd: Bool { rest.isEmpty }

  /// One byte.
  mutating func byte() -> UInt8 {
    rest.popFirst() ?? 0
  }

  /// Two bytes, big-endian.
  mutating func number() -> Int {
    Int(byte()) << 8 | Int(byte())
  }

  /// As many bytes as there are, at most `count`.
  mutating func bytes(_ count: Int) -> [UInt8] {
    defer { rest = rest.dropFirst(count) }
    return Array(rest.prefix(count))
  }

  /// Everything that is left.
  mutating func all() -> [UInt8] {
    bytes(rest.count)
  }

  /// The parts between zero bytes, as text; what isn't UTF-8 is mended.
  mutating func texts() -> [String] {
    all().split(separator: 0, omittingEmptySubsequences: false)
      .map { String(decoding: $0, as: UTF8.self) }
  }
}
