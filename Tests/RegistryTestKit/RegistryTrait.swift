package import Testing

/// Gives a suite, or a single test, a running registry.
package struct RegistryTrait: SuiteTrait, TestTrait, TestScoping {
  /// How it is started.
  let options: RunningRegistry.Options

  @TaskLocal fileprivate static var current: RunningRegistry?

  /// Starts the registry, runs the suite or test, and removes the registry.
  package func provideScope(
    for test: Test,
    testCase: Test.Case?,
    performing function: @Sendable () async throws -> Void
  ) async throws {
    let registry = try await RunningRegistry.start(options)
    do {
      try await Self.$current.withValue(registry) { try await function() }
    } catch {
      await registry.remove()
      throw error
    }
    await registry.remove()
  }
}

extension Trait where Self == RegistryTrait {
  /// A registry for the whole suite, by default with a database on the test process's server.
  package static func registry(
    _ options: RunningRegistry.Options = .init(database: .shared)
  ) -> RegistryTrait {
    RegistryTrait(options: options)
  }
}

extension RunningRegistry {
  /// The running suite's or test's registry.
  ///
  /// - Throws: An error if neither has the trait `.registry`.
  package static func ofSuite() throws -> RunningRegistry {
    guard let current = RegistryTrait.current else {
      throw ChildProcess.Failure(description: "the suite has no trait .registry")
    }
    return current
  }
}
