internal import EventLoops
internal import RegistryClient

/// The connections of a journey: one for each who takes part, opened when first needed, on shared
/// threads.
actor Connections {
  private struct Open {
    let client: RegistryClient
    let task: Task<Void, Never>
  }

  private let place: Place
  private let loops: EventLoopGroup
  private let workers: WorkerExecutor
  private var open: [String: Open] = [:]

  init(to place: Place) throws {
    self.place = place
    loops = try EventLoopGroup(count: 1, name: "journey")
    workers = try WorkerExecutor(threads: 1, queueLimit: 64, name: "journey-dns")
  }

  /// The connection of an applicant, by a name of its own.
  func applicant(_ name: String) throws -> RegistryClient {
    try client("applicant \(name)") { try place.applicants() }
  }

  /// The connection of a registrar.
  func staff(_ number: String) throws -> RegistryClient {
    try client("staff \(number)") { try place.staff(number) }
  }

  /// The connection of a partner.
  func partner(_ id: String) throws -> RegistryClient {
    try client("partner \(id)") { try place.partner(id) }
  }

  private func client(
    _ name: String,
    _ endpoint: () throws -> RegistryEndpoint
  ) throws -> RegistryClient {
    if let known = open[name] { return known.client }
    let client = try RegistryClient(to: endpoint(), eventLoop: loops.next(), workers: workers)
    // A connection that cannot be made tells so by its calls.
    open[name] = Open(client: client, task: Task { try? await client.run() })
    return client
  }

  /// Closes every connection and waits until it is closed.
  func close() async {
    for connection in open.values { connection.client.shutDown() }
    for connection in open.values { await connection.task.value }
    open = [:]
    await workers.shutDown()
    await loops.shutDown()
  }
}
