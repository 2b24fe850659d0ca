internal import EventLoops
internal import Foundation
internal import GRPCCore
internal import GRPCNghttp2Transport
internal import GRPCProtobuf
internal import Identity
internal import Logging
internal import Postgres
internal import RegistryAPI
internal import SwiftProtobuf
internal import Synchronization
internal import Testing

@testable internal import RegistryServer

@Suite("Telling the health", .timeLimit(.minutes(1)))
struct HealthTests {
  @Test("a watch hears how it is and each change, and ends when the server drains")
  func watch() async {
    let health = Health()
    var changes = health.watch().changes.makeAsyncIterator()
    #expect(await changes.next() == true)
    #expect(health.note(serving: false))
    #expect(!health.note(serving: false))
    #expect(await changes.next() == false)
    health.note(serving: true)
    #expect(await changes.next() == true)
    health.drain()
    #expect(await changes.next() == false)
    #expect(await changes.next() == nil)
  }

  @Test("once it drains it never serves again, and a new watch is told so and ends")
  func drained() async {
    let health = Health()
    health.drain()
    #expect(!health.note(serving: true))
    #expect(!health.isServing)
    var changes = health.watch().changes.makeAsyncIterator()
    #expect(await changes.next() == false)
    #expect(await changes.next() == nil)
  }

  @Test("a slow watcher gets the newest status only")
  func slowWatcher() async {
    let health = Health()
    var changes = health.watch().changes.makeAsyncIterator()
    health.note(serving: false)
    health.note(serving: true)
    health.note(serving: false)
    #expect(await changes.next() == false)
  }

  @Test("a watch that is ended tells nothing more")
  func endedWatch() async {
    let health = Health()
    let watch = health.watch()
    var changes = watch.changes.makeAsyncIterator()
    #expect(await changes.next() == true)
    watch.end()
    health.note(serving: false)
    #expect(await changes.next() == nil)
  }
}

@Suite("Keeping up the work beside calls", .timeLimit(.minutes(1)))
struct BackgroundWorkTests {
  @Test("a job that ends is begun again, until the end; then all are cancelled and waited for")
  func begunAgain() async {
    let starts = Atomic<Int>(0)
    let ends = Atomic<Int>(0)
    let (often, enough) = AsyncStream.makeStream(of: Void.self)
    let (never, kept) = AsyncStream.makeStream(of: Void.self)
    defer { kept.finish() }
    let work = BackgroundWork(
      jobs: [
        { if starts.add(1, ordering: .relaxed).newValue == 3 { enough.finish() } },
        {
          for await _ in never {}
          ends.add(1, ordering: .relaxed)
        },
      ],
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
      firstPause: .milliseconds(1)
    )
    await work.run { for await _ in often {} }
    #expect(starts.load(ordering: .relaxed) >= 3)
    #expect(ends.load(ordering: .relaxed) == 1)
  }
}

@Suite("Telling a caller what the server cannot do now")
struct CallFailureTests {
  @Test(
    "a database that cannot serve is UNAVAILABLE, with the time to wait",
    arguments: [
      (PostgresError(.connectionLost, "gone"), CallFailure.databaseUnavailable),
      (PostgresError(.closed, "closed"), .databaseUnavailable),
      (PostgresError(.poolExhausted, "full"), .busy),
      (PostgresError(.timedOut, "slow"), .busy),
      (PostgresError(.inDoubt, "commit"), .inDoubt),
      (PostgresError(.server, "conflict", sqlState: "40001"), .busy),
      (PostgresError(.server, "deadlock", sqlState: "40P01"), .busy),
      (PostgresError(.server, "disk full", sqlState: "53100"), .busy),
      (PostgresError(.server, "cancelled", sqlState: "57014"), .busy),
      (PostgresError(.server, "locked", sqlState: "55P03"), .busy),
      (PostgresError(.server, "shutting down", sqlState: "57P01"), .databaseUnavailable),
      (PostgresError(.server, "read only", sqlState: "25006"), .databaseUnavailable),
    ]
  )
  func database(error: PostgresError, failure: CallFailure) {
    #expect(CallFailure.translated(error) as? CallFailure == failure)
    #expect(failure.code == .unavailable)
    #expect(failure.retryDelay != nil)
  }

  @Test("who is refused because too many wait is told for how long to stay away")
  func overload() {
    var error = PostgresError(.poolExhausted, "full")
    error.retryDelay = .milliseconds(700)
    let failure = CallFailure.translated(error) as? CallFailure
    #expect(failure == .overloaded(retryAfter: .milliseconds(700)))
    #expect(failure?.code == .unavailable)
    #expect(failure?.retryDelay == .milliseconds(700))
    #expect(failure?.reason == "SERVER_BUSY")
  }

  @Test("the caller's own deadline is his, a limit of ours is ours")
  func deadlines() {
    var error = PostgresError(.timedOut, "late")
    #expect(CallFailure.translated(error) as? CallFailure == .busy)
    error.isCallersDeadline = true
    let failure = CallFailure.translated(error) as? CallFailure
    #expect(failure == .deadlineExceeded)
    #expect(failure?.code == .deadlineExceeded)
    #expect(failure?.retryDelay == nil)
  }

  @Test(
    "what only a fault of ours brings stays what it is",
    arguments: [
      PostgresError(.server, "syntax", sqlState: "42601"),
      PostgresError(.server, "unique", sqlState: "23505"), PostgresError(.decoding, "row"),
      PostgresError(.encoding, "value"), PostgresError(.tooManyRows, "two"),
    ]
  )
  func faults(error: PostgresError) {
    #expect(CallFailure.translated(error) as? PostgresError == error)
  }

  @Test("workers that refuse are busy")
  func workers() {
    for refusal in [WorkerExecutor.Refusal.queueFull(limit: 1), .shutDown] {
      #expect(CallFailure.translated(refusal) as? CallFailure == .busy)
    }
  }

  @Test("bytes that are no message are the caller's fault, and the server says nothing of its own")
  func unreadable() throws {
    let error = #expect(throws: RPCError.self) {
      try ProtobufDeserializer<Grpc_Health_V1_HealthCheckRequest>().deserialize(
        [UInt8]([0xff, 0xff])
      )
    }
    let failure = CallFailure.translated(try #require(error)) as? CallFailure
    #expect(failure == .unreadableRequest)
    #expect(failure?.code == .invalidArgument)
    #expect(failure?.reason == "REQUEST_UNREADABLE")
    #expect(failure?.retryDelay == nil)
  }
}

@Suite("Finding descriptors")
struct ReflectionIndexTests {
  private let index: ReflectionIndex

  init() throws {
    index = try ReflectionIndex(descriptorSet: DescriptorSet.serialized, served: ["b", "a"])
  }

  private func names(_ files: [[UInt8]]?) throws -> [String] {
    try (files ?? []).map { try Google_Protobuf_FileDescriptorProto(serializedBytes: $0).name }
  }

  @Test(
    "a symbol's file comes first, and with it all that it imports",
    arguments: [
      "liaoning.registry.v1.FilingService", "liaoning.registry.v1.FilingService.CreateFiling",
      "liaoning.registry.v1.Filing", "liaoning.registry.v1.Filing.state",
      "liaoning.registry.v1.Filing.State",
    ]
  )
  func symbols(symbol: String) throws {
    let names = try names(index.file(declaring: symbol))
    #expect(names.first == "liaoning/registry/v1/filing_service.proto")
    #expect(names.contains("liaoning/registry/v1/party.proto"))
    #expect(names.contains("google/protobuf/timestamp.proto"))
    #expect(Set(names).count == names.count)
  }

  @Test("extensions are found by the message that they extend")
  func extensions() throws {
    let options = "google.protobuf.FieldOptions"
    let behavior: Int32 = 1_052
    #expect(index.extensionNumbers(of: options)?.contains(behavior) == true)
    let names = try names(index.file(extending: options, number: behavior))
    #expect(names.first == "google/api/field_behavior.proto")
    #expect(index.extensionNumbers(of: "liaoning.registry.v1.Filing") == [])
  }

  @Test("what is not there is not found, and the services served are sorted")
  func unknown() {
    #expect(index.file(named: "no.proto") == nil)
    #expect(index.file(declaring: "no.Symbol") == nil)
    #expect(index.file(extending: "no.Message", number: 1) == nil)
    #expect(index.extensionNumbers(of: "no.Message") == nil)
    #expect(index.services == ["a", "b"])
  }
}

@Suite("The permission table and what is served")
struct CoverageTests {
  @Test("no proto's method is without a rule, so that none is served to nobody")
  func everyMethodHasARule() throws {
    let set = try Google_Protobuf_FileDescriptorSet(serializedBytes: DescriptorSet.serialized)
    let methods = set.file.filter { $0.package == "liaoning.registry.v1" }.flatMap { file in
      file.service.flatMap { service in
        service.method.map { "\(file.package).\(service.name)/\($0.name)" }
      }
    }
    #expect(methods.count > 40)
    #expect(Set(methods).subtracting(Permissions.methods).isEmpty)
  }
}

@Suite("Telling what was turned away")
struct RefusalLogTests {
  @Test("what is new is told once, and nothing of what has not changed")
  func news() {
    let first = ["unknown_method": 3, "late_handshakes": 0]
    #expect(RefusalLog.news(first, beyond: [:]) == ["unknown_method": 3])
    #expect(RefusalLog.news(first, beyond: first).isEmpty)
    let second = ["unknown_method": 5, "late_handshakes": 1]
    #expect(
      RefusalLog.news(second, beyond: first) == ["unknown_method": 2, "late_handshakes": 1]
    )
  }

  @Test("connections grow old outside only, and no call is cut off before its deadline")
  func age() throws {
    let outer = CallLimits.limits(of: .outer)
    #expect(outer.connectionAge == .seconds(3_600))
    #expect(try #require(outer.connectionAgeGrace) > #require(outer.unaryTimeout))
    #expect(CallLimits.limits(of: .inner).connectionAge == nil)
  }
}
