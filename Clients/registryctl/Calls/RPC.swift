internal import ArgumentParser
internal import Foundation
internal import GRPCCore
internal import SwiftProtobuf

/// What a generated command knows of its RPC.
struct RPC<Request: SwiftProtobuf.Message, Reply: SwiftProtobuf.Message>: Sendable {
  /// The bytes of a reply that go to a file.
  struct Content: Sendable {
    let field: String
    let read: @Sendable (Reply) -> Data
    let drop: @Sendable (inout Reply) -> Void

    init(
      _ field: String,
      read: @escaping @Sendable (Reply) -> Data,
      drop: @escaping @Sendable (inout Reply) -> Void
    ) {
      self.field = field
      self.read = read
      self.drop = drop
    }
  }

  /// How to read a list page after page.
  struct Paging: Sendable {
    /// The token of the page after a reply.
    let next: @Sendable (Reply) -> String
    /// Asks for the page of a token.
    let ask: @Sendable (inout Request, String) -> Void
    /// Puts the elements of the pages before in front of a reply's own.
    let add: @Sendable (Reply, inout Reply) -> Void
  }

  let method: MethodDescriptor
  /// The subcommand.
  let name: String
  let summary: String
  let details: String
  let content: Content?
  let paging: Paging?
  /// The request has a `request_id`.
  let isWrite: Bool

  init(
    _ method: MethodDescriptor,
    name: String,
    summary: String,
    details: String = "",
    content: Content? = nil,
    paging: Paging? = nil,
    isWrite: Bool
  ) {
    self.method = method
    self.name = name
    self.summary = summary
    self.details = details
    self.content = content
    self.paging = paging
    self.isWrite = isWrite
  }

  /// The name and help of the subcommand.
  var configuration: CommandConfiguration {
    CommandConfiguration(commandName: name, abstract: summary, discussion: details)
  }
}
