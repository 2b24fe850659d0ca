internal import APIConventions
internal import Postgres
internal import Reviews
internal import Licenses
internal import Accounts
internal import Foundation
internal import GRPCCore
internal import Identity
internal import RegistryAPI
internal import RoomsTestKit
internal import ShangMi
internal import SwiftProtobuf
internal import Synchronization
internal import Testing

@testable internal import Archives
@testable internal import Filings

typealias VolumeMessage = Liaoning_Registry_V1_Volume
typealias FilingMessage = Liaoning_Registry_V1_Filing

// The way of a filing to its completion, and the calls of an archivist, as clients make them.
extension Stacks {
  /// A filing that the authority has completed: every step by its RPC.
  func completed(
    _ content: Liaoning_Registry_V1_FilingContent,
    by citizens: [Citizen],
    of authority: String = "210100"
  ) async throws -> FilingMessage {
    try await approved(try await brought(content, by: citizens), of: authority)
  }

  /// Accepts, examines and approves a filing.
  func approved(_ filing: FilingMessage, of authority: String = "210100") async throws
    -> FilingMessage
  {
    let examined = try await examined(filing, of: authority)
    let approval = Liaoning_Registry_V1_ApproveFilingRequest.with {
      $0.name = examined.name
      $0.etag = examined.etag
      $0.requestID = UUID().uuidString
    }
    return try await call(as: .registrar("S0002", .examiner, of: authority)) {
      try await reviews.approveFiling(request: approval, context: $0)
    }
  }

  /// Accepts and examines a filing.
  func examined(_ filing: FilingMessage, of authority: String = "210100") async throws
    -> FilingMessage
  {
    let acceptance = Liaoning_Registry_V1_AcceptFilingRequest.with {
      $0.name = filing.name
      $0.etag = filing.etag
      $0.requestID = UUID().uuidString
    }
    let accepted = try await call(as: .registrar("S0001", .clerk, of: authority)) {
      try await reviews.acceptFiling(request: acceptance, context: $0)
    }
    let points = [
      "MATERIALS_COMPLETE", "LEGAL_FORM", "NAME", "SCOPE", "SIGNATURES", "JURISDICTION",
    ]
    let examination = Liaoning_Registry_V1_ExamineFilingRequest.with {
      $0.name = accepted.name
      $0.etag = accepted.etag
      $0.opinion = .approve
      $0.checklist = points.map { point in
        .with {
          $0.item = point
          $0.passed = true
        }
      }
      $0.requestID = UUID().uuidString
    }
    return try await call(as: .registrar("S0002", .examiner, of: authority)) {
      try await reviews.examineFiling(request: examination, context: $0)
    }
  }

  /// A one-person company's filing, completed, and its founder.
  func founded(_ serial: Int) async throws -> (filing: FilingMessage, founder: Citizen) {
    let founder = try await citizen(Person.sample(serial))
    return (try await completed(.company([founder.person]), by: [founder]), founder)
  }

  func package(
    _ filing: String,
    as caller: Caller = .archivist,
    requestID: String = UUID().uuidString,
    by service: ArchiveService? = nil
  ) async throws -> VolumeMessage {
    try await call(as: caller) {
      try await (service ?? archives).packageVolume(
        request: .with {
          $0.filing = filing
          $0.requestID = requestID
        },
        context: $0
      )
    }
  }

  func seal(
    _ volume: VolumeMessage,
    as caller: Caller = .archivist,
    requestID: String = UUID().uuidString
  ) async throws -> VolumeMessage {
    try await call(as: caller) {
      try await archives.sealVolume(
        request: .with {
          $0.name = volume.name
          $0.etag = volume.etag
          $0.requestID = requestID
        },
        context: $0
      )
    }
  }

  func check(
    _ name: String,
    as caller: Caller = .archivist
  ) async throws -> Liaoning_Registry_V1_CheckReport {
    try await call(as: caller) {
      try await archives.checkVolume(request: .with { $0.name = name }, context: $0)
    }
  }

  func volume(_ name: String, as caller: Caller = .archivist) async throws -> VolumeMessage {
    try await call(as: caller) {
      try await archives.getVolume(request: .with { $0.name = name }, context: $0)
    }
  }

  func archive(
    _ name: String,
    as caller: Caller = .archivist
  ) async throws -> Liaoning_Registry_V1_Archive {
    try await call(as: caller) {
      try await archives.getArchive(request: .with { $0.name = name }, context: $0)
    }
  }

  func volumes(
    of archive: String,
    as caller: Caller = .archivist,
    pageSize: Int32 = 0,
    token: String = ""
  ) async throws -> Liaoning_Registry_V1_ListVolumesResponse {
    try await call(as: caller) {
      try await archives.listVolumes(
        request: .with {
          $0.parent = archive
          $0.pageSize = pageSize
          $0.pageToken = token
        },
        context: $0
      )
    }
  }

  /// Downloads a volume.
  ///
  /// - Parameters:
  ///   - name: The volume.
  ///   - caller: Who.
  ///   - onChunk: What happens before a chunk is taken, by the chunk's place.
  /// - Returns: The chunks.
  /// - Throws: What the service throws.
  func download(
    _ name: String,
    as caller: Caller = .archivist,
    onChunk: @escaping @Sendable (Int) async throws -> Void = { _ in }
  ) async throws -> [[UInt8]] {
    let basket = Basket(onChunk: onChunk)
    try await call(as: caller) {
      try await archives.downloadVolume(
        request: .with { $0.name = name },
        response: RPCWriter(wrapping: basket),
        context: $0
      )
    }
    return basket.chunks.withLock(\.self)
  }

  /// The package of a volume as it is stored.
  func storedPackage(of volume: VolumeMessage) async throws -> [UInt8] {
    let rows = try await surroundings.database.query(
      """
      SELECT p.content
      FROM archives.volume_piece p
      JOIN archives.volume v ON v.region_code = p.region_code AND v.volume_id = p.volume_id
      WHERE v.reference_code = \(volume.referenceCode)
      ORDER BY p.piece_number
      LIMIT 1000
      """
    )
    return try rows.flatMap { try $0.decode([UInt8].self) }
  }

  /// Changes what must never change, as somebody with all rights in the database would.
  func tamper(_ statements: String) async throws {
    try await surroundings.database.runScript(
      """
      SET session_replication_role = replica;
      \(statements);
      SET session_replication_role = DEFAULT;
      """
    )
  }

  /// The kinds of events about a filing and its volume, in their order.
  func events(of filing: String) async throws -> [String] {
    try await surroundings.database.query(
      """
      SELECT e.kind
      FROM ledger.event e
      WHERE e.filing = \(filing)
      ORDER BY e.event_number
      LIMIT 10000
      """
    ).map { try $0.decode(String.self) }
  }
}

/// Takes the chunks of a download.
final class Basket: RPCWriterProtocol {
  typealias Element = Liaoning_Registry_V1_DownloadVolumeResponse

  let chunks = Mutex<[[UInt8]]>([])
  private let onChunk: @Sendable (Int) async throws -> Void

  init(onChunk: @escaping @Sendable (Int) async throws -> Void) {
    self.onChunk = onChunk
  }

  func write(_ element: Element) async throws {
    try await onChunk(chunks.withLock(\.count))
    chunks.withLock { $0.append([UInt8](element.chunk)) }
  }

  func write(contentsOf elements: some Sequence<Element>) async throws {
    for element in elements { try await write(element) }
  }
}

/// The files in a package, by path and in their order.
struct Unpacked {
  let entries: [TarEntry]

  init(_ package: [UInt8], time: Date) throws {
    var reader = TarReader(time: time, entryLimit: 64 << 20)
    entries = try reader.read(package)
    try reader.finish()
  }

  /// The bytes of a file.
  func content(_ path: String) throws -> [UInt8] {
    try #require(entries.first { $0.path == path }?.content)
  }

  /// The value of a file.
  func value<Value: Decodable>(_ type: Value.Type, _ path: String) throws -> Value {
    try #require(ArchiveJSON.value(type, in: content(path)))
  }
}

extension Stacks {
  /// Flips a bit of a stored item, as somebody with all rights in the database would.
  func alter(_ volume: VolumeMessage, in path: String, at place: Int) async throws {
    let package = try await storedPackage(of: volume)
    var offset = 0
    while offset < package.count {
      let header = package[offset..<offset + 512]
      let name = String(decoding: header.prefix(100).prefix { $0 != 0 }, as: UTF8.self)
      let size = Int(String(decoding: header.dropFirst(124).prefix(11), as: UTF8.self), radix: 8)
      if name == path { break }
      offset += 512 + TarFile.padded(try #require(size), to: 512)
    }
    let byte = offset + 512 + place
    let (piece, within) = byte.quotientAndRemainder(dividingBy: Volume.pieceSize)
    try await tamper(
      """
      UPDATE archives.volume_piece
      SET content = set_byte(content, \(within), get_byte(content, \(within)) # 1)
      WHERE piece_number = \(piece) AND volume_id = (
        SELECT volume_id FROM archives.volume WHERE reference_code = '\(volume.referenceCode)')
      """
    )
  }
}
