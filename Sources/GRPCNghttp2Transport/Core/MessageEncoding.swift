public import GRPCCore

/// Which compression a server or client accepts, and which it uses.
///
/// Source: gRPC, `doc/compression.md`.
public struct MessageCompression: Sendable {
  /// The algorithms by which messages may be compressed, in either direction; announced to the
  /// peer.
  ///
  /// Default gzip and deflate.
  public var algorithms: CompressionAlgorithmSet = [.gzip, .deflate]
  /// What this side's messages are compressed with where a call doesn't say otherwise.
  ///
  /// Default none.
  public var algorithm = CompressionAlgorithm.none
  /// Messages of fewer bytes aren't compressed, nor are those that wouldn't get smaller.
  ///
  /// Default 1,024.
  public var minimumBytes = 1024

  /// The defaults.
  public init() {}

  /// The encoding of an algorithm; `identity` for one that isn't allowed here.
  func encoding(_ algorithm: CompressionAlgorithm) -> MessageEncoding {
    algorithms.contains(algorithm) ? MessageEncoding(algorithm) : .identity
  }

  /// The encoding of a value of `grpc-encoding`, empty for none; nil for one that is unknown or not
  /// allowed here.
  func encoding(named name: some Collection<UInt8>) -> MessageEncoding? {
    if name.isEmpty { return .identity }
    guard let encoding = MessageEncoding(name: name) else { return nil }
    return encoding == .identity || algorithms.contains(encoding.algorithm) ? encoding : nil
  }

  /// The value of `grpc-accept-encoding`.
  var acceptedNames: String {
    MessageEncoding.allCases.filter { encoding(named: $0.name.utf8) != nil }.map(\.name)
      .joined(separator: ",")
  }
}

/// How a message is written: a value of `grpc-encoding`.
enum MessageEncoding: UInt8, CaseIterable, Sendable {
  case identity
  /// zlib's form of DEFLATE (RFC 1950).
  case deflate
  /// RFC 1952.
  case gzip

  var name: String {
    switch self {
    case .identity: "identity"
    case .deflate: "deflate"
    case .gzip: "gzip"
    }
  }

  var algorithm: CompressionAlgorithm {
    switch self {
    case .identity: .none
    case .deflate: .deflate
    case .gzip: .gzip
    }
  }

  init?(name: some Collection<UInt8>) {
    for encoding in Self.allCases where encoding.name.utf8.elementsEqual(name) {
      self = encoding
      return
    }
    return nil
  }

  /// An algorithm that GRPCCore may add later counts as none.
  init(_ algorithm: CompressionAlgorithm) {
    self = Self.allCases.first { $0.algorithm == algorithm } ?? .identity
  }
}

/// A set of encodings, as `grpc-accept-encoding` lists them.
struct MessageEncodings: Sendable {
  private var bits: UInt8 = 0

  /// What a header's value lists; names that aren't known here are passed over.
  init(header: some Collection<UInt8>) {
    for part in header.split(separator: UInt8(ascii: ",")) {
      let name = part.drop { $0 == UInt8(ascii: " ") }.prefix { $0 != UInt8(ascii: " ") }
      if let encoding = MessageEncoding(name: name) { bits |= 1 << encoding.rawValue }
    }
  }

  func contains(_ encoding: MessageEncoding) -> Bool {
    bits & 1 << encoding.rawValue != 0
  }
}
