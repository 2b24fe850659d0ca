internal import Foundation
internal import GRPCCore
internal import Glibc
internal import RegistryAPI
internal import RegistryClient
internal import RegistryTestKit
internal import SwiftProtobuf
internal import Testing

private typealias Reviews = Liaoning_Registry_V1_ReviewService.Method
private typealias Licenses = Liaoning_Registry_V1_LicenseService.Method
private typealias Archives = Liaoning_Registry_V1_ArchiveService.Method
private typealias Traces = Liaoning_Registry_V1_TraceService.Method

extension CallerIdentity {
  fileprivate static let clerk = staff("S21010001")
  fileprivate static let examiner = staff("S21010002")
  fileprivate static let archivist = staff("S21010004")
  fileprivate static let auditor = staff("S21010006")
}

// MARK: Review and licence

extension FamilyBusiness {
  /// Accepts, examines, approves.
  func review(
    _ submitted: Liaoning_Registry_V1_Filing
  ) async throws -> Liaoning_Registry_V1_Filing {
    let accepted: Liaoning_Registry_V1_Filing = try await saboteur.write(
      Liaoning_Registry_V1_AcceptFilingRequest.with {
        $0.name = submitted.name
        $0.etag = submitted.etag
        $0.requestID = newID()
      },
      Reviews.AcceptFiling.descriptor,
      as: .clerk
    )
    #expect(accepted.state == .accepted)
    let examined: Liaoning_Registry_V1_Filing = try await saboteur.write(
      Liaoning_Registry_V1_ExamineFilingRequest.with {
        $0.name = accepted.name
        $0.etag = accepted.etag
        $0.opinion = .approve
        $0.checklist = [
          "MATERIALS_COMPLETE", "LEGAL_FORM", "NAME", "SCOPE", "SIGNATURES", "JURISDICTION",
        ].map { item in
          .with {
            $0.item = item
            $0.passed = true
          }
        }
        $0.requestID = newID()
      },
      Reviews.ExamineFiling.descriptor,
      as: .examiner
    )
    #expect(examined.state == .examined)
    let approved: Liaoning_Registry_V1_Filing = try await saboteur.write(
      Liaoning_Registry_V1_ApproveFilingRequest.with {
        $0.name = examined.name
        $0.etag = examined.etag
        $0.requestID = newID()
      },
      Reviews.ApproveFiling.descriptor,
      as: .examiner
    )
    #expect(approved.state == .completed)
    return approved
  }

  /// The operator downloads the licence, and a bank verifies it.
  func useLicense(
    of approved: Liaoning_Registry_V1_Filing,
    _ holder: Citizen
  ) async throws {
    let code = String(approved.entity.dropFirst("entities/".count))
    let license: Liaoning_Registry_V1_License = try await saboteur.send(
      Liaoning_Registry_V1_GetLicenseRequest.with { $0.name = "licenses/\(code)" },
      Licenses.GetLicense.descriptor,
      as: holder.caller
    )
    #expect(license.face.creditCode == code)
    try await saboteur.remember(
      license,
      Liaoning_Registry_V1_GetLicenseRequest.with { $0.name = license.name },
      Licenses.GetLicense.descriptor,
      as: holder.caller
    )
    let file: Liaoning_Registry_V1_DownloadLicenseResponse = try await saboteur.write(
      Liaoning_Registry_V1_DownloadLicenseRequest.with {
        $0.name = license.name
        $0.form = .file
        $0.requestID = newID()
      },
      Licenses.DownloadLicense.descriptor,
      as: holder.caller,
      remembering: { reply in
        // The bytes can be made again.
        var reply = reply
        reply.content = Data()
        return reply
      }
    )
    let verdict: Liaoning_Registry_V1_VerifyLicenseResponse = try await saboteur.send(
      Liaoning_Registry_V1_VerifyLicenseRequest.with {
        $0.file = (try? Liaoning_Registry_V1_LicenseFile(serializedBytes: file.content)) ?? .init()
        $0.purpose = "ACCOUNT_OPENING"
      },
      Licenses.VerifyLicense.descriptor,
      as: .partner("icbc-shenyang")
    )
    #expect(verdict.authentic && verdict.currentVersion && verdict.status == .valid)
    #expect(verdict.face.enterpriseName == "沈阳市北巷口面馆")
  }
}

// MARK: Archive and trace

extension FamilyBusiness {
  /// Packages, seals, checks and downloads the volume.
  func archive(_ approved: Liaoning_Registry_V1_Filing) async throws {
    let packaged: Liaoning_Registry_V1_Volume = try await saboteur.write(
      Liaoning_Registry_V1_PackageVolumeRequest.with {
        $0.filing = approved.name
        $0.requestID = newID()
      },
      Archives.PackageVolume.descriptor,
      as: .archivist
    )
    try await saboteur.remember(
      packaged,
      Liaoning_Registry_V1_GetVolumeRequest.with { $0.name = packaged.name },
      Archives.GetVolume.descriptor,
      as: .archivist
    )
    let sealed: Liaoning_Registry_V1_Volume = try await saboteur.write(
      Liaoning_Registry_V1_SealVolumeRequest.with {
        $0.name = packaged.name
        $0.etag = packaged.etag
        $0.requestID = newID()
      },
      Archives.SealVolume.descriptor,
      as: .archivist
    )
    #expect(sealed.state == .sealed)
    #expect(sealed.packageSm3 == packaged.packageSm3)
    let report: Liaoning_Registry_V1_CheckReport = try await saboteur.send(
      Liaoning_Registry_V1_CheckVolumeRequest.with { $0.name = sealed.name },
      Archives.CheckVolume.descriptor,
      as: .archivist
    )
    #expect(report.passed)
    try await download(sealed)
  }

  /// Downloads the volume, which is traced: nobody gets it without that.
  private func download(_ sealed: Liaoning_Registry_V1_Volume) async throws {
    let method = Archives.DownloadVolume.descriptor
    let request = Liaoning_Registry_V1_DownloadVolumeRequest.with { $0.name = sealed.name }
    for moment in PostgresProxy.Moment.allCases {
      try await saboteur.strike(
        moment,
        method,
        touching: "INTO archives.download",
        as: .archivist,
        hasEffect: moment == .afterCommit
      ) {
        try await $0.stream(request, method) {
          (_: Liaoning_Registry_V1_DownloadVolumeResponse) in
          Issue.record("bytes left before the download was traced")
        }
      }
    }
    #expect(try await saboteur.download(request, as: .archivist) == sealed.sizeBytes)
  }

  /// The SMS is queued once, and reaches the gateway once, however often its sender died.
  func checkMessage() async throws {
    let counts = try await saboteur.counts()
    #expect(counts.deliveries == counts.distinctDeliveries)
    #expect(counts.deliveries > 0)
    // Who dies with a delivery in hand keeps it for 40 s.
    let patience = ContinuousClock.now + .seconds(60)
    while try await !saboteur.isDelivered(), ContinuousClock.now < patience {
      _ = poll(nil, 0, 20)
    }
    let path = try #require(saboteur.venue.registry.partners?.messages)
    let messages = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
    #expect(messages.count == counts.deliveries)
    #expect(try await saboteur.isDelivered())
  }

  /// Every event is in the chain, once.
  func checkTrace() async throws {
    let counts = try await saboteur.counts()
    var verdict = Liaoning_Registry_V1_VerifyChainResponse()
    let patience = ContinuousClock.now + .seconds(20)
    repeat {
      verdict = try await saboteur.send(
        Liaoning_Registry_V1_VerifyChainRequest(),
        Traces.VerifyChain.descriptor,
        as: .auditor
      )
    } while verdict.head.size < Int64(counts.events) && ContinuousClock.now < patience
    #expect(verdict.intact)
    #expect(verdict.checkedCount == Int64(counts.events))
  }
}
