internal import GRPCCore

/// The service configuration, found by method.
///
/// The most exact entry counts: one for the method, one for its service, one for everything.
/// Source: gRPC service config, `MethodConfig.name`.
struct MethodConfigs: Sendable {
  private var entries: [MethodConfig.Name: MethodConfig] = [:]

  /// Indexes a configuration; of two entries with the same name the first counts.
  init(_ serviceConfig: ServiceConfig) {
    for entry in serviceConfig.methodConfig {
      for name in entry.names where entries[name] == nil { entries[name] = entry }
    }
  }

  /// What is configured for a method.
  subscript(_ method: MethodDescriptor) -> MethodConfig? {
    if entries.isEmpty { return nil }
    let service = method.service.fullyQualifiedService
    return entries[MethodConfig.Name(service: service, method: method.method)]
      ?? entries[MethodConfig.Name(service: service)]
      ?? entries[MethodConfig.Name(service: "")]
  }
}
