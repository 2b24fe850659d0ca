internal import Foundation
internal import GRPCCore
internal import RegistryAPI
internal import RegistryClient
internal import RegistryTestKit
internal import SwiftProtobuf
internal import Synchronization
internal import Testing

/// Who is killed.
enum Victim: String, Sendable, CaseIterable {
  case registryd
  case postgres
}

/// Makes the calls of a journey, kills somebody just before and just after each write's commit, and checks that nothing
/// acknowledged is lost and that a repeat gives the first answer.
actor Saboteur {
  let venue: Venue
  let victim: Victim
  private let witness: DatabaseWitness
  private var dice: Dice
  private var struck: Set<String> = []
  /// What was acknowledged, as it reads now.
  private var acknowledged: [Acknowledgement] = []
  /// How often somebody was killed.
  private(set) var kills = 0

  /// A resource that somebody was told of.
  private struct Acknowledgement: Sendable {
    let name: String
    let read: @Sendable () async throws -> Data
    var contents: Data
  }

  init(_ venue: Venue, killing victim: Victim, dice: Dice) async throws {
    self.venue = venue
    self.victim = victim
    self.dice = dice
    witness = try await DatabaseWitness(venue.cluster)
  }

  func close() { witness.close() }

  /// What is in the database.
  func counts() async throws -> (events: Int, deliveries: Int, distinctDeliveries: Int) {
    try await witness.counts()
  }

  /// Whether all that is to reach the partners has reached them.
  func isDelivered() async throws -> Bool { try await witness.isDelivered() }

  /// Makes a call once, undisturbed.
  func send<Request: SwiftProtobuf.Message, Reply: SwiftProtobuf.Message>(
    _ request: Request,
    _ method: MethodDescriptor,
    as caller: CallerIdentity = .anyone
  ) async throws -> Reply {
    try await venue.connected(as: caller) { try await $0.unary(request, method) }
  }

  /// Downloads a volume.
  ///
  /// - Returns: How many bytes came.
  func download(
    _ request: Liaoning_Registry_V1_DownloadVolumeRequest,
    as caller: CallerIdentity
  ) async throws -> Int64 {
    let method = Liaoning_Registry_V1_ArchiveService.Method.DownloadVolume.descriptor
    let size = Mutex<Int64>(0)
    try await venue.connected(as: caller) { client in
      try await client.stream(request, method) {
        (piece: Liaoning_Registry_V1_DownloadVolumeResponse) in
        size.withLock { $0 += Int64(piece.chunk.count) }
      }
    }
    return size.withLock { $0 }
  }

  /// Makes a write with a `request_id`, again and again, while somebody is killed at its commit.
  ///
  /// - Parameters:
  ///   - request: The write.
  ///   - method: Its method.
  ///   - caller: Who calls.
  ///   - remembered: What the registry remembers of its reply.
  /// - Throws: Whatever fails that should not.
  /// - Returns: The first answer that came through.
  func write<
    Request: SwiftProtobuf.Message & IdempotentRequest,
    Reply: SwiftProtobuf.Message & Equatable
  >(
    _ request: Request,
    _ method: MethodDescriptor,
    as caller: CallerIdentity,
    remembering remembered: (Reply) -> Reply = { $0 }
  ) async throws -> Reply {
    for moment in moments(of: method) {
      // What is repeated after its commit has its effect already.
      let isDone = try await witness.reply(to: request.requestID) != nil
      // A repeat in a batch finds its reply, and writes nothing.
      let log = isDone ? "apiconventions.request_log l" : "INTO apiconventions.request_log"
      try await strike(
        moment,
        method,
        touching: "INTO apiconventions.request_log",
        log,
        as: caller,
        hasEffect: moment == .afterCommit && !isDone
      ) {
        let _: Reply = try await $0.unary(request, method)
      }
    }
    let first: Reply = try await send(request, method, as: caller)
    let bytes = try #require(try await witness.reply(to: request.requestID))
    #expect(
      try Reply(serializedBytes: bytes) == remembered(first),
      "\(method.method): not the first answer"
    )
    let state = try await witness.state()
    let second: Reply = try await send(request, method, as: caller)
    #expect(second == first, "\(method.method): the repeat's repeat differs")
    expect(try await witness.state(), equals: state, "\(method.method): a repeat changed")
    try await readAcknowledged()
    return first
  }

  /// Reads what was acknowledged, as it is after another change.
  private func readAcknowledged() async throws {
    for index in acknowledged.indices {
      acknowledged[index].contents = try await acknowledged[index].read()
    }
  }

  /// When somebody is killed at a method's commits: at each moment the first time, at one of them later.
  private func moments(of method: MethodDescriptor) -> [PostgresProxy.Moment] {
    guard struck.insert(method.fullyQualifiedMethod).inserted else {
      return [dice.pick(PostgresProxy.Moment.allCases)]
    }
    // Now and then one of them twice: a repeat is no safer than the call.
    return dice.pick([
      [.beforeCommit, .afterCommit], [.beforeCommit, .afterCommit], [.beforeCommit, .afterCommit],
      [.beforeCommit, .afterCommit, .afterCommit], [.beforeCommit, .beforeCommit, .afterCommit],
    ])
  }

  /// Has a resource read again after each death from now on; what is read first must be what its writer was told.
  func remember<Request: SwiftProtobuf.Message, Reply: SwiftProtobuf.Message & Equatable>(
    _ reply: Reply,
    _ request: Request,
    _ method: MethodDescriptor,
    as caller: CallerIdentity
  ) async throws {
    let venue = venue
    let contents: Reply = try await send(request, method, as: caller)
    #expect(contents == reply, "\(method.method): what is read is not what was acknowledged")
    acknowledged.append(
      Acknowledgement(
        name: method.method,
        read: {
          try await venue.connected(as: caller) { client in
            let reply: Reply = try await client.unary(request, method)
            return try reply.serializedData()
          }
        },
        contents: try contents.serializedData()
      )
    )
  }
}

// MARK: Death

extension Saboteur {
  /// Why a call can't be struck.
  struct NotStruck: Error, CustomStringConvertible {
    let description: String
  }

  /// Kills somebody at the commit of a call, which must fail, lets them come back, and checks what is there.
  ///
  /// The call's own transaction is known by one of some texts in one of its statements.
  func strike(
    _ moment: PostgresProxy.Moment,
    _ method: MethodDescriptor,
    touching texts: String...,
    as caller: CallerIdentity,
    hasEffect: Bool,
    _ call: @escaping @Sendable (RegistryClient) async throws -> Void
  ) async throws {
    let what = "\(victim) killed at \(method.method), \(moment)"
    let before = try await witness.state()
    let trap = venue.proxy.arm(moment) { statements in
      statements.contains { statement in texts.contains { statement.contains($0) } }
    }
    let calling = Task { [venue] in
      // Whoever ends before the commit never comes to it.
      defer { venue.proxy.disarm() }
      try await venue.connected(as: caller, call)
    }
    var isSprung = false
    for await _ in trap { isSprung = true }
    guard isSprung else {
      throw NotStruck(description: "\(what): it ended before its commit: \(await calling.result)")
    }
    let held = try await witness.state()
    if hasEffect {
      #expect(held != before, "\(what): it has no effect")
      try await readAcknowledged()
    } else {
      expect(held, equals: before, "\(what): it has an effect")
    }
    try await die()
    kills += 1
    try expectUnavailable(await calling.result, what)
    try await comeBack()
    expect(try await witness.state(), equals: held, "\(what): the database isn't what it was")
    for one in acknowledged {
      #expect(try await one.read() == one.contents, "\(what): \(one.name) reads otherwise")
    }
  }

  private func die() async throws {
    switch victim {
    case .registryd: try await venue.registry.kill()
    case .postgres: try await venue.killPostgres()
    }
  }

  private func comeBack() async throws {
    switch victim {
    case .registryd: try await venue.registry.startAgain()
    case .postgres: try await venue.startPostgres()
    }
  }

  /// Who calls is told that the same call may succeed later, and of a lost COMMIT that it is in doubt.
  private func expectUnavailable(_ result: Result<Void, any Error>, _ what: String) throws {
    guard case .failure(let error) = result else {
      Issue.record("\(what): the call succeeded")
      return
    }
    let failure = RegistryFailure(error)
    #expect(failure.code == .unavailable, "\(what): \(failure)")
    if victim == .postgres {
      #expect(failure.reason == "OUTCOME_IN_DOUBT", "\(what): \(failure)")
    }
  }

  private func expect(
    _ state: [String: String],
    equals expected: [String: String],
    _ what: String
  ) {
    let different = Set(state.keys).union(expected.keys).filter { state[$0] != expected[$0] }
    #expect(different.isEmpty, "\(what): \(different.sorted())")
  }
}

/// Random numbers that a seed repeats (SplitMix64).
struct Dice: RandomNumberGenerator, Sendable {
  /// What it began with.
  let seed: UInt64
  private var state: UInt64

  init(seed: UInt64) {
    self.seed = seed
    state = seed
  }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }

  /// One of several, each as likely.
  mutating func pick<Choice>(_ choices: [Choice]) -> Choice {
    choices[Int.random(in: choices.indices, using: &self)]
  }
}
