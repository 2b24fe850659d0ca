internal import APIConventions
internal import RoomsTestKit
internal import Vocabulary
internal import Postgres
internal import Foundation
internal import Licenses
internal import RegistryAPI
internal import RegistryTestKit
internal import ShangMi
internal import SwiftProtobuf
internal import Testing

@testable internal import Archives

/// A volume whose package was made anew, signed by the registry itself, with one thing wrong.
@Suite("Each point of the check", .database(archivesMigrations))
struct CheckPointTests {
  /// What a test changes before the manifest is made and signed anew.
  private struct Draft {
    var files: [(path: String, mediaType: String, content: [UInt8])]
    var title = "文件"
    var fonds = "L101"
    var format = VolumeManifest.messageName
    /// What lies in the package beside what the manifest names.
    var foreign: [TarEntry] = []
    /// What the package lacks of what the manifest names.
    var left: Set<String> = []

    mutating func change(_ path: String, _ body: (inout [UInt8]) throws -> Void) rethrows {
      for place in files.indices where files[place].path == path {
        try body(&files[place].content)
      }
    }

    mutating func changeText(_ path: String, _ old: String, _ new: String) {
      change(path) {
        $0 = Array(String(decoding: $0, as: UTF8.self).replacing(old, with: new).utf8)
      }
    }
  }

  /// The points that fail after a change.
  private func failing(_ change: (inout Draft) throws -> Void) async throws -> [CheckPoint.ID] {
    let stacks = try await Stacks(on: TestDatabase.ofSuite())
    let volume = try await Self.volume(of: stacks)
    let unpacked = try Unpacked(try await stacks.storedPackage(of: volume), time: stacks.now)
    let was = try unpacked.value(VolumeManifest.self, VolumeManifest.path)
    var draft = Draft(
      files: zip(was.items, unpacked.entries.dropFirst(2)).map {
        ($0.path, $0.mediaType, $1.content)
      }
    )
    try change(&draft)
    return try inspected(draft, was, volume, stacks).filter { !$0.passed }.map(\.id)
  }

  private func inspected(
    _ draft: Draft,
    _ was: VolumeManifest,
    _ message: VolumeMessage,
    _ stacks: Stacks
  ) throws -> [CheckPoint] {
    let items = draft.files.map { file in
      VolumeItem(
        path: file.path,
        title: draft.title,
        mediaType: file.mediaType,
        byteCount: file.content.count,
        contentSM3: SM3Digest(hashing: file.content)
      )
    }
    let manifest = manifest(of: draft, was, items)
    let bytes = try ArchiveJSON.bytes(of: manifest)
    let signature = try Volume.Signature(signing: bytes, by: Stacks.signer)
    let package = TarFile.bytes(
      of: [
        TarEntry(path: VolumeManifest.path, content: bytes),
        TarEntry(
          path: ManifestSignature.path,
          content: try ArchiveJSON.bytes(of: ManifestSignature(signature))
        ),
      ]
        + draft.files.filter { !draft.left.contains($0.path) }
        .map { TarEntry(path: $0.path, content: $0.content) } + draft.foreign,
      time: stacks.now
    )
    let volume = Volume(
      id: stacks.surroundings.newID(in: .init("210100") ?? .liaoning),
      name: try #require(VolumeName(message.name)),
      filing: try #require(.init(resourceName: message.filing, collection: "filings")),
      referenceCode: message.referenceCode,
      title: message.title,
      packageSM3: SM3.digest(package),
      byteCount: package.count,
      signature: signature,
      createTime: stacks.now,
      packagedBy: "staff/S0004"
    )
    var inspection = VolumeInspection(volume, catalog: items, signer: Stacks.signer)
    for start in stride(from: 0, to: package.count, by: 100_000) {
      inspection.take(Array(package[start..<min(start + 100_000, package.count)]))
    }
    return inspection.finish()
  }

  private func manifest(
    of draft: Draft,
    _ was: VolumeManifest,
    _ items: [VolumeItem]
  ) -> VolumeManifest {
    VolumeManifest(
      format: draft.format,
      formatVersion: 1,
      volume: was.volume,
      referenceCode: was.referenceCode,
      fonds: draft.fonds,
      category: was.category,
      retention: was.retention,
      title: was.title,
      entity: was.entity,
      enterpriseName: was.enterpriseName,
      filing: was.filing,
      filingNumber: was.filingNumber,
      authorityCode: was.authorityCode,
      authorityName: was.authorityName,
      createTime: was.createTime,
      itemCount: items.count,
      items: items.map(VolumeManifest.Item.init)
    )
  }

  /// One volume for all tests of the suite.
  private static func volume(of stacks: Stacks) async throws -> VolumeMessage {
    let row = try await stacks.surroundings.database.queryOne(
      "SELECT v.credit_code FROM archives.volume v LIMIT 1"
    )
    if let code = try row?.decode(String.self, at: 0) {
      return try await stacks.volume("archives/\(code)/volumes/001")
    }
    return try await stacks.package(try await stacks.founded(1).filing.name)
  }

  @Test("each thing wrong fails its own point and no other", .serialized, arguments: Case.all)
  private func onePoint(_ wrong: Case) async throws {
    #expect(try await failing(wrong.change) == wrong.points)
  }

  private struct Case: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let points: [CheckPoint.ID]
    let change: @Sendable (inout Draft) throws -> Void

    init(
      _ description: String,
      _ points: [CheckPoint.ID],
      _ change: @escaping @Sendable (inout Draft) throws -> Void
    ) {
      testDescription = description
      self.points = points
      self.change = change
    }

    static let all = authenticity + completeness + usability + safety

    private static let authenticity = [
      Case("nothing is wrong", []) { _ in },
      Case("another format", [.manifestMetadata]) { $0.format = "x" },
      Case("a statement that was not signed", [.signaturesValid]) {
        $0.change("02-signatures/0001-D1.statement.pb") { $0 += [0x3A, 0x01, 0x78] }
      },
      Case("a paper that was not signed", [.signaturesValid]) {
        $0.change("01-application/D2.pdf") { $0 += [0x0A] }
      },
      Case("signatures that failed at packaging", [.signaturesValid]) {
        $0.changeText(
          "02-signatures/signatures.json",
          "\"faults\" : [\n\n      ]",
          "\"faults\" : [\"TASK_VOIDED\"]"
        )
      },
      Case("a signer's key that is none", [.signaturesValid]) {
        $0.changeText(
          "02-signatures/signatures.json",
          "\"public_key\" : \"MFkw",
          "\"public_key\" : \"AAAA"
        )
      },
      Case("a licence of another entity", [.licenseSignature]) {
        try $0.change("04-result/license.pb") { bytes in
          var content = try Liaoning_Registry_V1_LicenseContent(
            serializedBytes: Liaoning_Registry_V1_LicenseFile(serializedBytes: bytes).content
          )
          content.face.creditCode = "91210200XX0000027C"
          let signed: [UInt8] = try content.serializedBytes()
          bytes = try Liaoning_Registry_V1_LicenseFile.with {
            $0.content = Data(signed)
            $0.signature = try Stacks.signer.signature(
              over: signed,
              as: Liaoning_Registry_V1_LicenseContent.protoMessageName
            )
          }.serializedBytes()
        }
      },
      Case("items in another order", [.packageStructure]) { draft in
        // The manifest names them in their order; the package has two of them the other way.
        draft.left = ["04-result/license.json", "04-result/register.json"]
        draft.foreign = draft.files.suffix(2).reversed().map {
          TarEntry(path: $0.path, content: $0.content)
        }
      },
    ]

    private static let completeness = [
      Case("an item that is not in the package", [.itemsPresent]) { draft in
        draft.files.append(("06-attachments/a.json", "application/json", Array("{}".utf8)))
        draft.left = ["06-attachments/a.json"]
      },
      Case("an empty field", [.metadataComplete]) { $0.fonds = "" },
      Case("an item without title", [.metadataComplete]) { $0.title = "" },
      Case("a paper that the class needs", [.materialsComplete, .signaturesComplete]) {
        $0.files.removeAll {
          $0.path == "01-application/D3.pdf" || $0.path == "02-signatures/0003-D3.statement.pb"
        }
      },
      Case("no review", [.materialsComplete]) {
        $0.files.removeAll { $0.path.hasPrefix("03-review/") }
      },
      Case("no notice of acceptance", [.materialsComplete]) {
        $0.files.removeAll { $0.path == "03-review/acceptance-notice.pdf" }
      },
      Case("no notice of registration", [.materialsComplete]) {
        $0.files.removeAll { $0.path == "04-result/registration-notice.pdf" }
      },
      Case("a paper beside the notices that nobody signed", [.signaturesComplete]) { draft in
        let notice = draft.files.first { $0.path == "03-review/acceptance-notice.pdf" }
        draft.files.append(("03-review/other.pdf", "application/pdf", notice?.content ?? []))
      },
      Case("no licence", [.licenseSignature, .materialsComplete]) {
        $0.files.removeAll { $0.path.hasPrefix("04-result/license") }
      },
      Case("a step that the trace does not tell of", [.processComplete]) {
        $0.changeText("metadata/process.json", "filing.examined", "filing.x")
      },
      Case("no process record", [.materialsComplete, .processComplete]) {
        $0.files.removeAll { $0.path == "metadata/process.json" }
      },
      Case("a signature that was asked for and not given", [.signaturesComplete]) {
        $0.changeText(
          "02-signatures/signatures.json",
          "\"required_count\" : 3",
          "\"required_count\" : 4"
        )
      },
    ]

    private static let usability = [
      Case("text that is no JSON", [.metadataReadable]) {
        $0.change("04-result/register.json") { $0.removeLast() }
      },
      Case("content that is no message", [.metadataReadable]) {
        $0.change("03-review/review.pb") { $0 = [0xFF] }
      },
      Case("a paper that does not open", [.signaturesValid, .filesOpen]) {
        $0.change("01-application/D1.pdf") { $0.removeLast(10) }
      },
      Case("a notice that does not open", [.filesOpen]) {
        $0.change("03-review/acceptance-notice.pdf") { $0.removeLast(10) }
      },
      Case("a form that is not archived", [.formatsAllowed]) {
        $0.files.append(("06-attachments/a.docx", "application/msword", [1]))
      },
      Case("an encrypted paper", [.signaturesValid, .notEncrypted]) {
        $0.change("01-application/D1.pdf") { $0 += Array("% /Encrypt\n".utf8) }
      },
    ]

    private static let safety = [
      Case("a file that the manifest does not name", [.noForeignFiles]) {
        $0.foreign = [TarEntry(path: "run.sh", content: [1])]
      },
      Case("a file twice", [.noForeignFiles]) {
        $0.foreign = [TarEntry(path: "metadata/agents.json", content: [1])]
      },
      Case("a path that climbs", [.noForeignFiles, .pathsSafe]) {
        $0.foreign = [TarEntry(path: "../etc/passwd", content: [1])]
      },
      Case("a paper with a program", [.signaturesValid, .noActiveContent]) {
        $0.change("01-application/D1.pdf") { $0 += Array("% /JavaScript\n".utf8) }
      },
    ]
  }
}
