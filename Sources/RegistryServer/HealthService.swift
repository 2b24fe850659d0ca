internal import GRPCCore
internal import RegistryAPI
internal import SwiftProtobuf
internal import Synchronization

/// Whether the registry can serve: true only while the database answers and nothing drains.
final class Health: Sendable {
  private struct State {
    var serving = true
    var drains = false
    var watchers: [Int: AsyncStream<Bool>.Continuation] = [:]
    var nextWatcher = 0
  }

  private let state = Mutex(State())

  /// Whether it serves now.
  var isServing: Bool { state.withLock { $0.serving } }

  /// Notes whether it serves, and tells whoever watches; once it drains, it never serves again.
  ///
  /// - Returns: Whether that is a change.
  @discardableResult
  func note(serving: Bool) -> Bool {
    let watchers = state.withLock { state -> [AsyncStream<Bool>.Continuation]? in
      guard state.serving != serving, !state.drains else { return nil }
      state.serving = serving
      return Array(state.watchers.values)
    }
    for watcher in watchers ?? [] { watcher.yield(serving) }
    return watchers != nil
  }

  /// Ends every watch: the server drains.
  func drain() {
    note(serving: false)
    let watchers = state.withLock { state -> [AsyncStream<Bool>.Continuation] in
      state.drains = true
      defer { state.watchers = [:] }
      return Array(state.watchers.values)
    }
    for watcher in watchers { watcher.finish() }
  }

  /// Watches the status: now and at each change; only the newest is kept for a slow watcher.
  func watch() -> HealthWatch {
    let (changes, continuation) = AsyncStream.makeStream(
      of: Bool.self,
      bufferingPolicy: .bufferingNewest(1)
    )
    let number = state.withLock { state -> Int in
      state.nextWatcher += 1
      continuation.yield(state.serving)
      if state.drains {
        continuation.finish()
      } else {
        state.watchers[state.nextWatcher] = continuation
      }
      return state.nextWatcher
    }
    continuation.onTermination = { [weak self] _ in
      self?.state.withLock { $0.watchers[number] = nil }
    }
    return HealthWatch(changes: changes, end: { continuation.finish() })
  }
}

/// A watch of the health.
struct HealthWatch: Sendable {
  /// The status now and at each change.
  let changes: AsyncStream<Bool>
  /// Ends the watch, from any thread.
  let end: @Sendable () -> Void
}

/// `grpc.health.v1.Health`.
struct HealthService: Grpc_Health_V1_Health.SimpleServiceProtocol {
  let health: Health
  /// The full names of the services served.
  let services: Set<String>

  func check(
    request: Grpc_Health_V1_HealthCheckRequest,
    context: ServerContext
  ) async throws -> Grpc_Health_V1_HealthCheckResponse {
    guard request.service.isEmpty || services.contains(request.service) else {
      throw RPCError(code: .notFound, message: "No service of that name.")
    }
    return .with { $0.status = health.isServing ? .serving : .notServing }
  }

  func watch(
    request: Grpc_Health_V1_HealthCheckRequest,
    response: RPCWriter<Grpc_Health_V1_HealthCheckResponse>,
    context: ServerContext
  ) async throws {
    let known = request.service.isEmpty || services.contains(request.service)
    guard known else {
      try await response.write(.with { $0.status = .serviceUnknown })
      try await context.cancellation.cancelled
      return
    }
    let watch = health.watch()
    try await withRPCCancellationHandler {
      for await serving in watch.changes {
        try await response.write(.with { $0.status = serving ? .serving : .notServing })
      }
    } onCancelRPC: {
      watch.end()
    }
  }
}
