internal import GRPCNghttp2Transport
internal import Logging

/// Tells the log what a listener turned away before any interceptor saw it.
struct RefusalLog: Sendable {
  let listener: String
  let transport: Nghttp2ServerTransport
  let logger: Logger

  /// How often it looks.
  private static let interval = Duration.seconds(60)

  /// Looks until the task is cancelled; a line whenever something has been refused since the last
  /// look.
  func run() async {
    var told: [String: Int] = [:]
    while !Task.isCancelled {
      do { try await Task.sleep(for: Self.interval) } catch { return }
      told = await tell(beyond: told)
    }
  }

  /// Tells what was refused beyond what is told already.
  ///
  /// - Returns: What is told now.
  func tell(beyond told: [String: Int]) async -> [String: Int] {
    let counts = await counts()
    let news = Self.news(counts, beyond: told)
    guard !news.isEmpty else { return told }
    var metadata = news.mapValues { Logger.MetadataValue.stringConvertible($0) }
    metadata["listener"] = "\(listener)"
    logger.notice("refused", metadata: metadata)
    return counts
  }

  /// What has been counted beyond what is told already; nothing of what hasn't changed.
  static func news(_ counts: [String: Int], beyond told: [String: Int]) -> [String: Int] {
    counts.reduce(into: [:]) { news, count in
      let more = count.value - (told[count.key] ?? 0)
      if more > 0 { news[count.key] = more }
    }
  }

  /// How often, by what, since the transport was made.
  private func counts() async -> [String: Int] {
    let statistics = await transport.statistics()
    var counts = [
      "refused_connections": statistics.refusedConnections,
      "late_handshakes": statistics.lateHandshakes,
      "displaced_handshakes": statistics.displacedHandshakes,
      "expelled_connections": statistics.expelledConnections,
    ]
    for refusal in Nghttp2ServerTransport.Refusal.allCases {
      counts[refusal.rawValue] = transport.refusals[refusal]
    }
    return counts
  }
}
