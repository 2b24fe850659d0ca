internal import Foundation
internal import GRPCCore
internal import RegistryAPI
internal import SwiftProtobuf
internal import Testing

@testable internal import RegistryClient

@Suite("Reading lists and streams")
struct PagesTests {
  /// A server of 7 reservations in pages.
  private static func list(_ script: inout Script, pages: [[Int]]) {
    script.on(Names.ListReservations.descriptor) {
      (request: Liaoning_Registry_V1_ListReservationsRequest, _)
        -> Liaoning_Registry_V1_ListReservationsResponse in
      let index = Int(request.pageToken) ?? 0
      return .with {
        $0.reservations = pages[index].map { number in .with { $0.number = "\(number)" } }
        $0.nextPageToken = index + 1 < pages.count ? "\(index + 1)" : ""
      }
    }
  }

  @Test(
    "all elements of all pages come in order, empty pages between them or not",
    arguments: [[[]], [[1]], [[1, 2], [3]], [[], [1, 2], [], [3]], [[1, 2, 3], []]]
  )
  func order(pages: [[Int]]) async throws {
    try await withRegistry {
      Self.list(&$0, pages: pages)
    } _: { bed in
      var numbers: [String] = []
      for try await reservation in bed.client.names.allReservations(.with { $0.pageSize = 2 }) {
        numbers.append(reservation.number)
      }
      #expect(numbers == pages.flatMap { $0 }.map { "\($0)" })
      let sizes = try bed.server.seen.map {
        try $0.decoded(Liaoning_Registry_V1_ListReservationsRequest.self).pageSize
      }
      #expect(sizes == pages.map { _ in 2 })
    }
  }

  @Test("a page is read only when it is asked for")
  func lazy() async throws {
    try await withRegistry {
      Self.list(&$0, pages: [[1, 2], [3, 4]])
    } _: { bed in
      for try await reservation in bed.client.names.allReservations()
      where reservation.number == "2" { break }
      #expect(bed.server.seen.count == 1)
      #expect(try await bed.client.names.allReservations().all(atMost: 3).count == 3)
    }
  }

  @Test("a server that names the same page for ever is found out")
  func loop() async throws {
    try await withRegistry { script in
      script.on(Names.ListReservations.descriptor) {
        (_: Liaoning_Registry_V1_ListReservationsRequest, _)
          -> Liaoning_Registry_V1_ListReservationsResponse in
        .with { $0.nextPageToken = "same" }
      }
    } _: { bed in
      let failure = await failure { () async throws(RegistryFailure) in
        try await bed.client.names.allReservations().all()
      }
      #expect(failure?.reason == "CLIENT_PAGES_LOOP")
    }
  }

  @Test("a page that fails ends the list with its failure")
  func failingPage() async throws {
    try await withRegistry { script in
      script.on(Names.ListReservations.descriptor) {
        (_: Liaoning_Registry_V1_ListReservationsRequest, _)
          -> Liaoning_Registry_V1_ListReservationsResponse in
        throw refusal(.invalidArgument, "PAGE_TOKEN_INVALID")
      }
    } _: { bed in
      let failure = await failure { () async throws(RegistryFailure) in
        try await bed.client.names.allReservations().all()
      }
      #expect(failure?.reason == "PAGE_TOKEN_INVALID")
    }
  }

  private static func chunk(_ bytes: String) throws -> [UInt8] {
    try Liaoning_Registry_V1_DownloadVolumeResponse.with { $0.chunk = Data(bytes.utf8) }
      .serializedBytes()
  }

  private actor Sink {
    private(set) var data = Data()
    func take(_ chunk: Data) { data += chunk }
  }

  @Test("a download hands on chunk after chunk")
  func download() async throws {
    try await withRegistry { script in
      script.answers[Archives.DownloadVolume.descriptor] = { _ in
        [try Self.chunk("辽"), try Self.chunk("宁")]
      }
    } _: { bed in
      let sink = Sink()
      try await bed.client.archives.downloadVolume(.with { $0.name = "archives/1/volumes/001" }) {
        await sink.take($0)
      }
      #expect(await sink.data == Data("辽宁".utf8))
    }
  }

  @Test("what the taker throws comes out as it is")
  func takerThrows() async throws {
    struct Full: Error {}
    try await withRegistry { script in
      script.answers[Archives.DownloadVolume.descriptor] = { _ in [try Self.chunk("辽")] }
    } _: { bed in
      await #expect(throws: Full.self) {
        try await bed.client.archives.downloadVolume(.init()) { _ in throw Full() }
      }
      #expect(bed.server.seen.count == 1)
    }
  }

  @Test("a download that is refused fails with the reason")
  func refusedDownload() async throws {
    try await withRegistry { script in
      script.answers[Archives.DownloadVolume.descriptor] = { _ in
        throw refusal(.failedPrecondition, "VOLUME_NOT_SEALED")
      }
    } _: { bed in
      do {
        try await bed.client.archives.downloadVolume(.init()) { _ in }
        Issue.record("a refusal was expected")
      } catch let failure as RegistryFailure {
        #expect(failure.reason == "VOLUME_NOT_SEALED")
      }
    }
  }
}
