internal import ArgumentParser
internal import Foundation
internal import RegistryClient
internal import SwiftProtobuf

/// A generated command: one RPC.
protocol RPCCommand: AsyncParsableCommand {
  associatedtype Request: SwiftProtobuf.Message
  associatedtype Reply: SwiftProtobuf.Message
  static var rpc: RPC<Request, Reply> { get }
  var call: CallFlags { get }
  /// Each flag with its field, in the order of the fields.
  var flags: [FieldFlag] { get }
  /// Where the bytes of the reply go.
  var output: String? { get }
  /// Every page of a list is asked for.
  var all: Bool { get }
}

extension RPCCommand {
  static var configuration: CommandConfiguration { rpc.configuration }
  var output: String? { nil }
  var all: Bool { false }

  /// The request that the flags make.
  ///
  /// - Throws: `UsageFailure`, `ShellError`.
  func assembledRequest() throws -> Request {
    do {
      return try RequestAssembly(whole: call.request, flags: flags).request(Request.self)
    } catch ShellError.usage(let message) {
      throw UsageFailure(message, in: Self.self)
    }
  }
}

/// A command whose RPC has one reply.
protocol UnaryCommand: RPCCommand {}

extension UnaryCommand {
  /// Calls and shows the reply.
  mutating func run() async throws {
    let request = try assembledRequest()
    let settings = try call.connection.settings()
    let (paging, isWhole) = (Self.rpc.paging, all)
    var reply: Reply = try await settings.withClient { client in
      let method = Self.rpc.method
      guard let paging, isWhole else { return try await client.unary(request, method) }
      var page: Reply = try await client.unary(request, method)
      var (next, seen) = (request, Set<String>())
      while case let token = paging.next(page), !token.isEmpty {
        guard seen.insert(token).inserted else {
          throw ShellError.untrue("The registry names the same page again.")
        }
        paging.ask(&next, token)
        var following: Reply = try await client.unary(next, method)
        paging.add(page, &following)
        page = following
      }
      return page
    }
    if let output, let content = Self.rpc.content {
      let sink = try FileSink(output)
      try sink.write(content.read(reply))
      try sink.finish()
      content.drop(&reply)
      // Standard output carries the bytes and nothing else.
      if output == "-" { return }
    }
    try Show(json: call.json).message(reply)
    if !call.json, let token = paging?.next(reply), !token.isEmpty {
      Show.remark("There is more: --page-token \(token), or --all.")
    }
  }
}

/// A command whose RPC sends many replies.
protocol StreamingCommand: RPCCommand {}

extension StreamingCommand {
  /// Calls and writes the replies as they come: their bytes to a file, or each as a line of JSON.
  mutating func run() async throws {
    let request = try assembledRequest()
    guard output != nil || call.json else {
      throw UsageFailure("Missing: --output FILE, or --json for a line a message.", in: Self.self)
    }
    let settings = try call.connection.settings()
    let sink = try output.map { try FileSink($0) }
    let content = Self.rpc.content
    do {
      try await settings.withClient { client in
        try await client.stream(request, Self.rpc.method) { (reply: Reply) in
          if let sink, let content {
            try sink.write(content.read(reply))
          } else {
            try Show(json: true).message(reply)
          }
        }
      }
    } catch {
      sink?.abandon()
      throw error
    }
    try sink?.finish()
    if let output, output != "-" { Show.remark("Written: \(output)") }
  }
}

/// A wrong command line, shown with the command's usage.
struct UsageFailure: Error {
  let message: String
  /// How to use the command.
  let usage: String

  init(_ message: String, in command: any ParsableCommand.Type) {
    self.message = message
    usage = "Usage: " + Registryctl.usageString(for: command)
  }
}
