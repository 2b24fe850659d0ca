internal import Foundation
internal import RegistryAPI
internal import RegistryClient
internal import ShangMi
internal import SwiftProtobuf

// Steps 6 and 7: the licence is read, downloaded and verified.
extension Journey {
  /// The credit code of the entity that was established.
  private var creditCode: String { String(filing.entity.dropFirst("entities/".count)) }

  /// The legal representative, or the operator, reads and downloads the licence.
  mutating func readLicense() async throws {
    var start = ContinuousClock.now
    let holder = try holder()
    let license = try await holder.client.licenses.getLicense(
      .with { $0.name = "licenses/\(creditCode)" }
    )
    findings.license = license
    narrator.tell(
      .license,
      holder.fullName,
      "reads the licence, version \(license.version)",
      "\(license.status)".uppercased(),
      since: start
    )
    let forms: [(Liaoning_Registry_V1_DownloadLicenseRequest.Form, String)] = [
      (.file, "file"), (.originalPdf, "original"),
    ]
    for (form, word) in forms {
      start = .now
      let reply = try await holder.client.licenses.downloadLicense(
        .with {
          $0.name = license.name
          $0.form = form
        }
      )
      guard SM3.digest([UInt8](reply.content)).bytes == [UInt8](reply.contentSm3) else {
        throw JourneyError.otherwise(step: "license", "the \(word) has another digest than told")
      }
      if form == .file {
        licenseFile = try Liaoning_Registry_V1_LicenseFile(serializedBytes: reply.content)
      }
      let path = folder + "/\(creditCode)-licence" + (form == .file ? ".pb" : ".pdf")
      try PrivateFile.write([UInt8](reply.content), to: path)
      findings.files.append(path)
      narrator.tell(
        .license,
        holder.fullName,
        "downloads the \(word), \(reply.content.count) bytes",
        since: start
      )
    }
  }

  /// Who answers for the entity.
  private func holder() throws -> Player {
    let form = try Liaoning_Registry_V1_FilingContent(jsonString: content.encoded)
    let person =
      switch form.details {
      case .company(let company): company.legalRepresentative
      case .cooperative(let cooperative): cooperative.legalRepresentative
      case .individualBusiness(let business): business.operator
      case nil: Liaoning_Registry_V1_NaturalPerson()
      }
    guard let player = players.values.first(where: { $0.code == person.identityNumber }) else {
      throw JourneyError.otherwise(step: "license", "\(person.fullName) has no account")
    }
    return player
  }

  /// A partner verifies the licence over mutual TLS, by its code and by its file.
  mutating func verifyLicense() async throws {
    let client = try await connections.partner(scenario.partner)
    var verdicts: [String] = []
    for byFile in [false, true] {
      if byFile, licenseFile.content.isEmpty { continue }
      let start = ContinuousClock.now
      let verdict = try await client.licenses.verifyLicense(
        .with {
          if byFile { $0.file = licenseFile } else { $0.creditCode = creditCode }
          $0.purpose = scenario.purpose
        }
      )
      let way = byFile ? "its file" : "credit code \(creditCode)"
      guard verdict.authentic, verdict.currentVersion, verdict.status == .valid else {
        throw JourneyError.otherwise(
          step: "verify",
          "by \(way): authentic \(verdict.authentic), \(verdict.status), current "
            + "\(verdict.currentVersion) \(verdict.failure)"
        )
      }
      narrator.tell(
        .verify,
        scenario.partner,
        "verifies by \(way): authentic, current version",
        "\(verdict.status)".uppercased(),
        since: start
      )
      verdicts.append(
        "verified by \(scenario.partner), by \(way): authentic, status valid, current version"
      )
    }
    findings.verdicts += verdicts
  }
}
