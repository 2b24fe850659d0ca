package import Foundation
package import Logging
package import Postgres
internal import ShangMi

/// What one run of the sequencer did.
package enum SequencerRun: Hashable, Sendable {
  /// It chained so many events, 0 to the batch limit.
  case chained(Int)
  /// Another sequencer continued the same head first; nothing was written.
  case overtaken
}

/// Why the sequencer cannot go on by itself.
package enum SequencerFault: Error, Hashable, Sendable {
  /// The server's transaction ids are behind the last chained event's, as after a restored dump.
  /// Advance them (`pg_resetwal --next-transaction-id`) before writing goes on.
  case transactionIDsWentBack
}

/// Numbers committed events contiguously and chains them, behind the writers, so that no writer waits.
///
/// Several may run, in any number of processes: the primary key of the chain lets one of them
/// continue a head, and the others find that they were overtaken.
package struct Sequencer: Sendable {
  private let database: Database
  private let now: @Sendable () -> Date
  private let logger: Logger
  private let batchLimit: Int
  private let pause: Duration

  /// A sequencer.
  ///
  /// - Parameters:
  ///   - database: Where the trace is.
  ///   - now: The time now.
  ///   - logger: Hears of failures.
  ///   - batchLimit: How many events a run chains at most, 1 to 10,000.
  ///   - pause: How long `run` waits when nothing is left, at least 1 ms.
  package init(
    _ database: Database,
    now: @escaping @Sendable () -> Date,
    logger: Logger = Logger(label: "sequencer"),
    batchLimit: Int = 1_000,
    pause: Duration = .milliseconds(200)
  ) {
    self.database = database
    self.now = now
    self.logger = logger
    self.batchLimit = min(max(batchLimit, 1), 10_000)
    self.pause = max(pause, .milliseconds(1))
  }

  /// Chains what has settled since the last run, in one transaction.
  ///
  /// - Throws: `PostgresError`; `SequencerFault`.
  /// - Returns: How many events were chained.
  package func sequence() async throws -> SequencerRun {
    do {
      return .chained(try await database.withTransaction { try await sequence(in: $0) })
    } catch let error as PostgresError where error.isLostRace {
      return .overtaken
    }
  }

  private func sequence(in transaction: Transaction) async throws -> Int {
    let store = ChainStore(transaction)
    let (head, watermark, isAhead) = try await store.head()
    guard !isAhead else { throw SequencerFault.transactionIDsWentBack }
    let events = try await store.settledEvents(after: watermark, limit: batchLimit)
    guard !events.isEmpty else { return 0 }
    var links: [ChainLink] = []
    links.reserveCapacity(events.count)
    var hash = head.chainSM3
    for event in events {
      let leaf = event.leafSM3
      hash = Chain.hash(after: hash, leaf: leaf).bytes
      links.append(
        ChainLink(
          index: head.size + Int64(links.count),
          region: event.region,
          eventID: event.id,
          leafSM3: leaf.bytes,
          chainSM3: hash
        )
      )
    }
    let instant = now()
    for start in stride(from: 0, to: links.count, by: 1_000) {
      try await store.append(Array(links[start..<min(start + 1_000, links.count)]), at: instant)
    }
    return events.count
  }

  /// Chains until the task is cancelled; a failure is logged and tried again, after at most 30 s.
  ///
  /// - Parameter heard: Called after each run that did not fail.
  package func run(succeeding heard: @Sendable () -> Void = {}) async {
    var failures = 0
    while !Task.isCancelled {
      let wait: Duration
      do {
        let run = try await sequence()
        heard()
        failures = 0
        wait = run == .chained(batchLimit) ? .zero : pause
      } catch is CancellationError {
        return
      } catch {
        failures += 1
        if failures == 1 || failures.isMultiple(of: 16) {
          logger.error(
            "chaining failed",
            metadata: ["error": "\(error)", "failures": "\(failures)"]
          )
        }
        wait = min(pause * (1 << min(failures, 10)), .seconds(30)) * Double.random(in: 0.5...1)
      }
      do {
        if wait > .zero { try await Task.sleep(for: wait) }
      } catch { return }
    }
  }
}

extension PostgresError {
  /// Whether another sequencer wrote the same link first.
  fileprivate var isLostRace: Bool {
    sqlState == SQLState.uniqueViolation && schemaName == "ledger" && tableName == "chain_link"
  }
}
