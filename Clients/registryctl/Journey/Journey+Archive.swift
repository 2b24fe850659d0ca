internal import Foundation
internal import RegistryAPI
internal import RegistryClient
internal import ShangMi
internal import SwiftProtobuf
internal import Synchronization

// Steps 8 and 9: the volume and the trace.
extension Journey {
  /// An archivist packages what happened as a volume.
  mutating func packageVolume() async throws {
    let start = ContinuousClock.now
    let (number, client) = try await staff(.archivist)
    volume = try await client.archives.packageVolume(.with { $0.filing = filing.name })
    findings.volume = volume.name
    tell(.package, number, "packages \(volume.items.count) files, \(volume.sizeBytes) bytes", start)
  }

  /// The archivist seals it.
  mutating func sealVolume() async throws {
    let start = ContinuousClock.now
    let (number, client) = try await staff(.archivist)
    volume = try await client.archives.sealVolume(
      .with {
        $0.name = volume.name
        $0.etag = volume.etag
      }
    )
    tell(.seal, number, "seals the volume, 档号 \(volume.referenceCode)", start)
  }

  /// Digests and signature are checked from the stored bytes.
  mutating func checkVolume() async throws {
    let start = ContinuousClock.now
    let (number, client) = try await staff(.archivist)
    let report = try await client.archives.checkVolume(.with { $0.name = volume.name })
    guard report.passed else {
      let failed = report.points.filter { !$0.passed }.map { "\($0.check): \($0.detail)" }
      throw JourneyError.otherwise(step: "check", failed.joined(separator: "; "))
    }
    let verdict = "four-property check of \(report.points.count) points passed"
    narrator.tell(.check, "archivist \(number)", verdict, "PASSED", since: start)
    findings.verdicts.append("volume \(volume.name): \(verdict)")
  }

  /// The archivist downloads it, and its digest is compared.
  mutating func downloadVolume() async throws {
    let start = ContinuousClock.now
    let (number, client) = try await staff(.archivist)
    let code = String(volume.name.split(separator: "/").dropFirst().first ?? "")
    let path = folder + "/\(code)-volume-\(volume.name.split(separator: "/").last ?? "").tar"
    let chunks = Mutex<[UInt8]>([])
    try await client.archives.downloadVolume(.with { $0.name = volume.name }) { chunk in
      chunks.withLock { $0 += chunk }
    }
    let bytes = chunks.withLock { $0 }
    guard SM3.digest(bytes).bytes == [UInt8](volume.packageSm3) else {
      throw JourneyError.otherwise(step: "download", "the package has another digest than told")
    }
    try PrivateFile.write(bytes, to: path)
    findings.files.append(path)
    tell(.download, number, "downloads \(bytes.count) bytes; their SM3 is the volume's", start)
  }

  private func tell(
    _ deed: Deed,
    _ number: String,
    _ what: String,
    _ start: ContinuousClock.Instant
  ) {
    let state = "\(volume.state)".uppercased()
    narrator.tell(deed, "archivist \(number)", what, state, since: start)
  }

  /// An auditor lists what happened, and verifies the chain.
  mutating func trace() async throws {
    var start = ContinuousClock.now
    let (number, client) = try await staff(.auditor)
    let events = try await chainedEvents(client)
    let kinds = Set(events.map(\.kind))
    narrator.tell(
      .trace,
      "auditor \(number)",
      "lists \(events.count) events of \(kinds.count) kinds by \(Set(events.map(\.actor)).count)",
      "CHAINED",
      since: start
    )
    start = .now
    let verdict = try await client.trace.verifyChain(.init())
    guard verdict.intact else {
      throw JourneyError.otherwise(step: "trace", "broken at \(verdict.firstBrokenIndex)")
    }
    let what = "verifies the chain: \(verdict.checkedCount) events"
    narrator.tell(.trace, "auditor \(number)", what, "INTACT", since: start)
    findings.verdicts.append("chain of \(verdict.checkedCount) events: intact")
    findings.commands.append(
      "registryctl trace list-events --filing \(filing.name) --endpoint \(place.inner)"
        + " --trust \(place.data)/ca/ca.pem --certificate \(place.data)/tls/staff-\(number).pem"
        + " --client-key \(place.data)/tls/staff-\(number).key"
    )
  }

  /// The filing's events, once the sequencer has numbered all of them.
  private func chainedEvents(
    _ client: RegistryClient
  ) async throws -> [Liaoning_Registry_V1_Event] {
    let deadline = ContinuousClock.now + .seconds(30)
    while true {
      let events = try await client.trace.allEvents(.with { $0.filing = filing.name }).all()
      if !events.isEmpty, events.allSatisfy({ $0.chainIndex >= 0 }) { return events }
      guard ContinuousClock.now < deadline else {
        throw JourneyError.otherwise(step: "trace", "the sequencer has not numbered the events")
      }
      try await Task.sleep(for: .milliseconds(50))
    }
  }

  // MARK: What must stand

  /// Compares what stands with what the step says must stand.
  mutating func expect(_ step: Scenario.Step) async throws(JourneyError) {
    let name = step.deed.rawValue
    do {
      if let wanted = step.expects.filing {
        try await refresh()
        try same("the filing", filing.state.word, wanted, name)
      }
      if let wanted = step.expects.reservation {
        let reservation = try await applicant().client.names.getReservation(
          .with { $0.name = findings.reservation }
        )
        try same("the reservation", "\(reservation.state)".uppercased(), wanted, name)
      }
      if let wanted = step.expects.license {
        let (_, client) = try await staff(.auditor)
        let code = String(filing.entity.dropFirst("entities/".count))
        let license = try await client.licenses.getLicense(.with { $0.name = "licenses/\(code)" })
        try same("the licence", "\(license.status)".uppercased(), wanted, name)
      }
      if !step.expects.tasks.isEmpty { try await expectTasks(step) }
    } catch {
      throw Self.error(error, in: name)
    }
  }

  private func expectTasks(_ step: Scenario.Step) async throws {
    var counts: [String: Int] = [:]
    for try await task in try applicant().client.signatures.allSignatureTasks(
      .with { $0.filing = filing.name }
    ) {
      counts["\(task.state)".uppercased(), default: 0] += 1
    }
    for (state, count) in step.expects.tasks.sorted(by: { $0.key < $1.key }) {
      try same("tasks \(state)", "\(counts[state] ?? 0)", "\(count)", step.deed.rawValue)
    }
  }

  private func same(
    _ what: String,
    _ found: String,
    _ wanted: String,
    _ step: String
  ) throws(JourneyError) {
    guard found == wanted else {
      throw .otherwise(step: step, "\(what) should be \(wanted) and is \(found)")
    }
    narrator.remark("            \(what): \(found), as it must")
  }
}
