internal import Foundation

/// Where a running server listens: printed as one line of JSON on standard output once it can be
/// called, and kept in the data folder while it runs.
package struct Endpoints: Codable, Hashable, Sendable {
  /// Where applicants, partners and the public connect, `HOST:PORT`.
  package let outer: String
  /// Where staff connect, `HOST:PORT`.
  package let inner: String
  /// The data folder, with `ca/ca.pem` and the certificates under `tls`.
  package let data: String
  /// The server's process.
  package let processID: Int32

  private enum CodingKeys: String, CodingKey {
    case outer
    case inner
    case data
    case processID = "process_id"
  }

  /// The endpoints as one line, keys sorted.
  ///
  /// - Throws: Never for what is made here; `EncodingError` by its signature.
  package func line() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(self), as: UTF8.self)
  }

  /// Keeps the endpoints in the data folder.
  func write(to folder: DataFolder) throws {
    let text = Data(try (line() + "\n").utf8)
    try text.write(to: URL(fileURLWithPath: folder.endpoints), options: .atomic)
  }
}
