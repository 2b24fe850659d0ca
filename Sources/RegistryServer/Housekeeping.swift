internal import APIConventions
internal import Foundation
internal import Logging
internal import Postgres

/// What is done now and then, so that the house stays as it is.
struct Housekeeping: Sendable {
  let database: Database
  let now: @Sendable () -> Date
  let logger: Logger

  /// How many replies one transaction forgets.
  private static let batch = 1_000

  /// Forgets replies to writes once they are older than 24 hours, every minute until the task is
  /// cancelled.
  func forgetOldReplies() async {
    await repeatedly(every: .seconds(60), "old replies cannot be forgotten") {
      while try await forgetBatch() == Self.batch {}
    }
  }

  private func forgetBatch() async throws -> Int {
    try await database.withTransaction { transaction in
      try await RequestLog(transaction, at: now()).forgetOld(atMost: Self.batch)
    }
  }

  /// Brings a database server of our own up again when the house cannot serve, until the task is
  /// cancelled.
  ///
  /// - Parameters:
  ///   - start: Starts the server, or finds that it runs.
  ///   - health: Whether the house can serve.
  func keepDatabaseServer(
    _ start: @Sendable () async throws -> Void,
    while health: Health
  ) async {
    await repeatedly(every: .seconds(2), "the database server cannot be started") {
      if !health.isServing { try await start() }
    }
  }

  private func repeatedly(
    every pause: Duration,
    _ failure: Logger.Message,
    _ body: () async throws -> Void
  ) async {
    while !Task.isCancelled {
      do {
        try await Task.sleep(for: pause)
        try await body()
      } catch is CancellationError {
        return
      } catch {
        logger.error(failure, metadata: ["error": "\(error)"])
      }
    }
  }
}
