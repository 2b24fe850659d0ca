internal import APIConventions
internal import Foundation
internal import GRPCCore
internal import Identity
internal import Postgres
internal import RegistryAPI
internal import RegistryTestKit
internal import Vocabulary

@testable internal import Ledger

/// The trace and a governed table to leave traces of.
let trailMigrations =
  LedgerMigrations.all + [
    Migration(
      version: 3,
      name: "sample_create",
      sql: """
        CREATE SCHEMA sample;
        CREATE TABLE sample.thing (
          region_code integer NOT NULL,
          thing_id    uuid    NOT NULL,
          note        text    NOT NULL,
          version     bigint  NOT NULL,
          PRIMARY KEY (region_code, thing_id),
          CONSTRAINT every_change_has_its_event FOREIGN KEY (region_code, thing_id, version)
            REFERENCES ledger.event (region_code, subject_id, subject_version)
            DEFERRABLE INITIALLY DEFERRED
        );
        CREATE TRIGGER thing_takes_the_next_version BEFORE INSERT OR UPDATE OR DELETE ON sample.thing
          FOR EACH ROW EXECUTE FUNCTION ledger.require_next_version();
        """
    )
  ]

/// Writes and reads the trace of a test.
struct Trail: Sendable {
  static let noon = Date(timeIntervalSince1970: 1_790_000_000)
  static let region = RegionCode(rawValue: 210_100)

  let database: Database
  let region: RegionCode

  init() throws {
    database = try TestDatabase.ofSuite()
    guard let region = Self.region else { throw MissingRegion() }
    self.region = region
  }

  struct MissingRegion: Error {}

  func id() -> RegionalID { RegionalID(region: region, uuid: UUID()) }

  func sequencer(batchLimit: Int = 1_000) -> Sequencer {
    Sequencer(
      database,
      now: { Self.noon },
      batchLimit: batchLimit,
      pause: .milliseconds(1)
    )
  }

  /// Appends an event in an open transaction.
  @discardableResult
  func append(
    in transaction: Transaction,
    of subject: RegionalID? = nil,
    named name: String = "things/1",
    version: Int64 = 1,
    filing: String? = nil,
    entity: String? = nil,
    by actor: String = "system",
    at time: Date = noon,
    details: [String: String] = [:]
  ) async throws -> RegionalID {
    let event = LedgerEvent(
      EventKind(rawValue: "thing.changed"),
      of: subject ?? id(),
      named: name,
      version: version,
      filing: filing,
      entity: entity,
      by: actor,
      at: time,
      details: details
    )
    let eventID = id()
    var state = Liaoning_Registry_V1_GetEventRequest()
    state.name = name
    try await Ledger(transaction).append(event, state: state, id: eventID.uuid)
    return eventID
  }

  /// Appends events, one a transaction.
  func append(count: Int) async throws {
    for _ in 0..<count {
      _ = try await database.withTransaction { try await append(in: $0) }
    }
  }

  /// Chains until `size` events are; other tests' transactions on the server may hold the horizon.
  func chain(upTo size: Int64) async throws {
    while try await head().size < size { _ = try await sequencer().sequence() }
  }

  func head() async throws -> ChainHead { try await EventStore(database).head() }

  func eventCount() async throws -> Int64 {
    try await database.queryOne("SELECT count(*) FROM ledger.event")?.decode(Int64.self) ?? -1
  }

  /// Changes the database as somebody who may do everything would, past every trigger.
  func tamper(_ statement: String) async throws {
    try await database.runScript(
      "SET session_replication_role = replica; \(statement); SET session_replication_role = DEFAULT"
    )
  }

  /// The service, called as `caller`.
  func call<Reply: Sendable>(
    as caller: Caller,
    _ method: @Sendable (TraceService, ServerContext) async throws -> Reply
  ) async throws -> Reply {
    let service = TraceService(
      Surroundings(
        database: database,
        now: { Self.noon },
        newUUID: { UUID() },
        law: .current
      )
    )
    return try await withServerContextRPCCancellationHandle { handle in
      var context = ServerContext(
        descriptor: MethodDescriptor(
          fullyQualifiedService: "liaoning.registry.v1.TraceService",
          method: "Test"
        ),
        remotePeer: "in-process:1",
        localPeer: "in-process:2",
        cancellation: handle
      )
      context.transportSpecific = CallContext(caller: caller, listener: .outer)
      return try await method(service, context)
    }
  }
}
