package import APIConventions
package import Testing

/// Expects a failure of the house with this reason.
///
/// - Returns: The failure, for a closer look.
@discardableResult
package func expectReason(
  _ reason: String,
  sourceLocation: SourceLocation = #_sourceLocation,
  _ body: () async throws -> some Sendable
) async -> (any RegistryError)? {
  do {
    _ = try await body()
    Issue.record("\(reason) was expected, and nothing failed", sourceLocation: sourceLocation)
  } catch let error as any RegistryError {
    #expect(error.reason == reason, sourceLocation: sourceLocation)
    return error
  } catch {
    Issue.record("\(reason) was expected: \(error)", sourceLocation: sourceLocation)
  }
  return nil
}

/// Runs a call, and tells the reason of its failure; nothing if it succeeded.
package func outcome(
  _ body: @Sendable () async throws -> some Sendable
) async throws -> String? {
  do {
    _ = try await body()
    return nil
  } catch let error as any RegistryError {
    return error.reason
  }
}
