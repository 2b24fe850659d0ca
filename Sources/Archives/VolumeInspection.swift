internal import APIConventions
internal import Filings
internal import Foundation
internal import Licenses
internal import RegistryAPI
internal import ShangMi
internal import Signatures
internal import SwiftProtobuf
internal import Vocabulary

/// The four-property check (四性检测) of a stored volume, piece by piece; pure.
///
/// It holds one item at a time, so that a large volume takes no more memory than its largest item.
///
/// Source: DA/T 70-2018; `domain.md` 7.3.
struct VolumeInspection: Sendable {
  private let volume: Volume
  private let catalog: [VolumeItem]
  private let signer: LicenseSigner

  private var findings = CheckFindings()
  private var reader: TarReader?
  private var digest = SM3()
  private var byteCount = 0
  private var entryCount = 0

  private var manifest: VolumeManifest?
  /// The manifest's items by path, with their places.
  private var expected: [String: (place: Int, item: VolumeManifest.Item)] = [:]
  private var seen: Set<String> = []
  private var nextPlace = 0

  /// The papers that their signers sign, with their digests.
  private var papers: [String: SM3Digest] = [:]
  private var signatures: [String: SignaturesRecord.Entry] = [:]
  private var requiredSignatures: Int?
  private var checkedStatements = 0
  private var entityType: EntityType?

  /// A check.
  ///
  /// - Parameters:
  ///   - volume: The volume as it is recorded.
  ///   - catalog: Its items as they are recorded, in their order.
  ///   - signer: Whose signatures are the registry's.
  init(_ volume: Volume, catalog: [VolumeItem], signer: LicenseSigner) {
    self.volume = volume
    self.catalog = catalog
    self.signer = signer
    reader = TarReader(time: volume.createTime, entryLimit: ArchiveRules.Limits.standard.bytes)
  }

  /// Takes the next piece as it is stored.
  mutating func take(_ piece: [UInt8]) {
    digest.update(piece)
    byteCount += piece.count
    guard var reader else { return }
    self.reader = nil
    do {
      let entries = try reader.read(piece)
      self.reader = reader
      for entry in entries { take(entry) }
    } catch {
      findings.add(.packageStructure, error.found)
    }
  }

  /// A piece is gone.
  mutating func miss(piece number: Int) {
    findings.add(.packageStructure, "缺少第\(number + 1)块")
    reader = nil
  }

  /// Ends the check.
  ///
  /// - Returns: Every point.
  mutating func finish() -> [CheckPoint] {
    if let reader {
      do {
        try reader.finish()
      } catch {
        findings.add(.packageStructure, error.found)
      }
    }
    if digest.finalized() != volume.packageSM3 {
      findings.add(.packageDigest, "归档信息包的SM3值与登记不一致")
    }
    if byteCount != volume.byteCount {
      findings.add(.packageDigest, "归档信息包的大小为\(byteCount)字节，登记为\(volume.byteCount)字节")
    }
    finishManifest()
    finishMaterials()
    finishSignatures()
    return findings.points
  }
}

extension TarFault {
  /// What was found, in Chinese.
  fileprivate var found: String {
    switch self {
    case .headerMalformed(let offset): "第\(offset)字节处的文件头不符合要求"
    case .entryTooLarge(let path): "\(path)过大"
    case .trailingBytes: "填充或结尾含有多余内容"
    case .endMissing: "归档信息包不完整"
    }
  }
}

// MARK: Entries

extension VolumeInspection {
  private mutating func take(_ entry: TarEntry) {
    defer { entryCount += 1 }
    if !TarFile.isSafe(entry.path) { findings.add(.pathsSafe, entry.path) }
    switch entryCount {
    case 0: takeManifest(entry)
    case 1: takeSignature(entry)
    default: takeItem(entry)
    }
  }

  private mutating func takeManifest(_ entry: TarEntry) {
    guard entry.path == VolumeManifest.path else {
      findings.add(.packageStructure, "首个文件不是清单")
      return
    }
    if let fault = volume.signature.fault(over: entry.content, for: signer) {
      findings.add(.manifestSignature, fault)
    }
    guard let manifest = ArchiveJSON.value(VolumeManifest.self, in: entry.content) else {
      findings.add(.metadataReadable, VolumeManifest.path)
      return
    }
    self.manifest = manifest
    for (place, item) in manifest.items.enumerated() where expected[item.path] == nil {
      expected[item.path] = (place, item)
    }
  }

  private mutating func takeSignature(_ entry: TarEntry) {
    guard entry.path == ManifestSignature.path else {
      findings.add(.packageStructure, "清单之后不是签名")
      return
    }
    guard let signature = ArchiveJSON.value(ManifestSignature.self, in: entry.content) else {
      findings.add(.metadataReadable, ManifestSignature.path)
      return
    }
    if signature != ManifestSignature(volume.signature) {
      findings.add(.manifestSignature, "包内签名与登记的签名不一致")
    }
  }

  private mutating func takeItem(_ entry: TarEntry) {
    guard let (place, item) = expected[entry.path], seen.insert(entry.path).inserted else {
      findings.add(.noForeignFiles, entry.path)
      return
    }
    if place != nextPlace { findings.add(.packageStructure, "\(entry.path)次序与清单不一致") }
    nextPlace = place + 1
    let digest = SM3Digest(hashing: entry.content)
    if entry.content.count != item.sizeBytes || digest.hexadecimal != item.contentSm3 {
      findings.add(.itemDigest, entry.path)
    }
    switch ArchiveRules.Form(rawValue: item.mediaType) {
    case .pdf: takePaper(entry, digest)
    case .json: takeRecord(entry)
    case .protobuf: takeMessage(entry)
    case nil: findings.add(.formatsAllowed, "\(entry.path)：\(item.mediaType)")
    }
  }

  private mutating func takePaper(_ entry: TarEntry, _ digest: SM3Digest) {
    // Notices are the authority's: nobody signs them but by the manifest.
    if !VolumeNotice.Kind.allCases.contains(where: { $0.path == entry.path }) {
      papers[entry.path] = digest
    }
    let inspection = PDFInspection(entry.content)
    if let fault = inspection.fault { findings.add(.filesOpen, "\(entry.path)：\(fault)") }
    if inspection.isEncrypted { findings.add(.notEncrypted, entry.path) }
    for name in inspection.activeNames {
      findings.add(.noActiveContent, "\(entry.path)：\(name)")
    }
  }

  private mutating func takeRecord(_ entry: TarEntry) {
    switch entry.path {
    case ProcessRecord.path:
      guard let record = ArchiveJSON.value(ProcessRecord.self, in: entry.content) else { break }
      let kinds = Set(record.steps.map(\.kind))
      for step in ArchiveRules.requiredSteps where !kinds.contains(step) {
        findings.add(.processComplete, "缺少\(step)")
      }
      return
    case SignaturesRecord.path:
      guard let record = ArchiveJSON.value(SignaturesRecord.self, in: entry.content) else { break }
      requiredSignatures = record.requiredCount
      for signature in record.signatures { signatures[signature.statement] = signature }
      return
    default:
      if ArchiveJSON.isReadable(entry.content) { return }
    }
    findings.add(.metadataReadable, entry.path)
  }

  private mutating func takeMessage(_ entry: TarEntry) {
    let bytes = entry.content
    switch entry.path {
    case "01-application/content.pb":
      guard let content = try? Liaoning_Registry_V1_FilingContent(serializedBytes: bytes) else {
        return findings.add(.metadataReadable, entry.path)
      }
      entityType = EntityType(content.entityType)
    case "03-review/review.pb":
      guard (try? Liaoning_Registry_V1_Review(serializedBytes: bytes)) != nil else {
        return findings.add(.metadataReadable, entry.path)
      }
    case "04-result/license.pb":
      takeLicense(bytes, entry.path)
    default:
      guard let signature = signatures[entry.path] else {
        return findings.add(.signaturesValid, "\(entry.path)不在签名目录中")
      }
      checkedStatements += 1
      if let fault = signature.fault(in: bytes, paper: papers[signature.document]) {
        findings.add(.signaturesValid, "\(entry.path)：\(fault)")
      }
    }
  }

  private mutating func takeLicense(_ bytes: [UInt8], _ path: String) {
    guard let file = try? Liaoning_Registry_V1_LicenseFile(serializedBytes: bytes) else {
      return findings.add(.metadataReadable, path)
    }
    let name = Liaoning_Registry_V1_LicenseContent.protoMessageName
    if let flaw = signer.flaw(of: file.signature, over: [UInt8](file.content), as: name) {
      findings.add(.licenseSignature, flaw.found)
    }
    let content = try? Liaoning_Registry_V1_LicenseContent(serializedBytes: file.content)
    if content?.face.creditCode != volume.name.creditCode.description {
      findings.add(.licenseSignature, "不是本卷主体的营业执照")
    }
  }
}

// MARK: The end

extension VolumeInspection {
  private mutating func finishManifest() {
    guard let manifest else {
      findings.add(.manifestMetadata, "没有可读的清单")
      findings.add(.itemsPresent, "没有可读的清单")
      return
    }
    let recorded = [
      (manifest.format, VolumeManifest.messageName), (manifest.volume, volume.name.description),
      (manifest.referenceCode, volume.referenceCode), (manifest.title, volume.title),
      (manifest.filing, volume.filing.name(in: "filings")),
      (manifest.entity, "entities/\(volume.name.creditCode)"),
      (manifest.createTime, volume.createTime.archived),
      (manifest.authorityCode, volume.id.region.description),
    ]
    for (said, known) in recorded where said != known {
      findings.add(.manifestMetadata, "清单为“\(said)”，登记为“\(known)”")
    }
    let catalogued = catalog.map(VolumeManifest.Item.init)
    if catalogued != manifest.items {
      let named = Set(catalogued)
      let missing = manifest.items.filter { !named.contains($0) }.map(\.path)
      for path in missing { findings.add(.itemsPresent, "卷内目录缺少\(path)") }
      findings.add(.itemCatalog, missing.isEmpty ? "卷内目录多出文件或次序不同" : "与清单不一致")
    }
    for item in manifest.items where !seen.contains(item.path) {
      findings.add(.itemsPresent, "缺少\(item.path)")
    }
    if manifest.itemCount != manifest.items.count {
      findings.add(.itemsPresent, "清单记\(manifest.itemCount)个文件，列\(manifest.items.count)个")
    }
    let fields = [
      manifest.fonds, manifest.category, manifest.retention, manifest.enterpriseName,
      manifest.filingNumber, manifest.authorityName,
    ]
    if fields.contains(where: \.isEmpty) || manifest.items.contains(where: { $0.title.isEmpty }) {
      findings.add(.metadataComplete, "有元数据为空")
    }
  }

  private mutating func finishMaterials() {
    for path in ArchiveRules.requiredPaths where !seen.contains(path) {
      findings.add(.materialsComplete, "缺少\(path)")
    }
    let kinds = entityType.map(ArchiveRules.requiredPapers(of:)) ?? [.application]
    for kind in kinds where papers[kind.path] == nil {
      findings.add(.materialsComplete, "缺少\(kind.path)")
    }
    if !seen.contains(ProcessRecord.path) { findings.add(.processComplete, "没有办理过程记录") }
    if !seen.contains("04-result/license.pb") { findings.add(.licenseSignature, "没有营业执照") }
  }

  private mutating func finishSignatures() {
    let required = requiredSignatures ?? 0
    if required == 0 || checkedStatements != required || signatures.count != required {
      findings.add(
        .signaturesComplete,
        "应有\(required)个签名，目录列\(signatures.count)个，卷内\(checkedStatements)个"
      )
    }
    let signed = Set(signatures.values.map(\.document))
    for path in papers.keys.sorted() where !signed.contains(path) {
      findings.add(.signaturesComplete, "\(path)没有签名")
    }
  }
}
