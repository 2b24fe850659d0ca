internal import APIConventions
internal import Accounts
internal import Entities
internal import Filings
internal import Foundation
internal import Licenses
internal import RegistryAPI
internal import ShangMi
internal import Signatures
internal import SwiftProtobuf
internal import Vocabulary

/// A volume with its package, made and signed, not yet stored.
struct VolumePackage: Sendable {
  /// The volume, of version 1.
  let volume: Volume
  /// The catalog.
  let items: [VolumeItem]
  /// The tar file.
  let bytes: [UInt8]
  /// The filing's version that was packaged.
  let filingVersion: Int64
}

/// What a package is made of besides its source: who, when, under which number.
struct VolumeOrder: Sendable {
  /// The volume's id.
  let id: RegionalID
  /// The archivist, `staff/{number}`.
  let actor: String
  /// When.
  let instant: Date
  /// How reference codes are made.
  let scheme: ReferenceCode.Scheme
  /// The registry's key.
  let signer: LicenseSigner
  /// How large it may be.
  let limits: ArchiveRules.Limits
}

extension VolumePackage {
  /// Packs what the rooms know of a filing: the same source, notices, order and signature give the same
  /// bytes.
  ///
  /// - Parameters:
  ///   - source: What was collected.
  ///   - notices: The notices of its review, rendered.
  ///   - order: Who packs, when, how it is signed.
  /// - Throws: `tooLarge`; `LicenseError.signingFailed`.
  init(_ source: VolumeSource, _ notices: [VolumeNotice], _ order: VolumeOrder) throws {
    let name = VolumeName(creditCode: source.entity.creditCode, number: source.volumeCount + 1)
    let code = ReferenceCode(
      scheme: order.scheme,
      authority: source.filing.authority,
      entityType: source.entity.entityType,
      volume: name,
      year: CivilDate(source.filing.decideTime ?? order.instant).year
    )
    let contents = try PackedItem.all(of: source, notices)
    let items = contents.map(\.item)
    let manifest = VolumeManifest(source, order, name, code, items)
    let manifestBytes = try ArchiveJSON.bytes(of: manifest)
    let signature = try Volume.Signature(signing: manifestBytes, by: order.signer)
    let seal = try ArchiveJSON.bytes(of: ManifestSignature(signature))
    let sizes = [manifestBytes.count, seal.count] + items.map(\.byteCount)
    let size = TarFile.size(of: sizes)
    guard size <= order.limits.bytes else {
      throw ArchiveError.tooLarge(size, limit: order.limits.bytes)
    }
    bytes = TarFile.bytes(
      of: [
        TarEntry(path: VolumeManifest.path, content: manifestBytes),
        TarEntry(path: ManifestSignature.path, content: seal),
      ] + contents.map { TarEntry(path: $0.item.path, content: $0.bytes) },
      time: order.instant
    )
    self.items = items
    filingVersion = source.filing.version
    volume = Volume(
      id: order.id,
      name: name,
      filing: source.filing.id,
      referenceCode: code.description,
      title: manifest.title,
      packageSM3: SM3Digest(hashing: bytes),
      byteCount: bytes.count,
      signature: signature,
      createTime: order.instant,
      packagedBy: order.actor
    )
  }
}

extension VolumeManifest {
  fileprivate init(
    _ source: VolumeSource,
    _ order: VolumeOrder,
    _ name: VolumeName,
    _ code: ReferenceCode,
    _ items: [VolumeItem]
  ) {
    format = Self.messageName
    formatVersion = 1
    volume = name.description
    referenceCode = code.description
    fonds = code.fonds
    category = code.scheme.category
    retention = code.scheme.retention
    title = source.filing.name.enterpriseName + source.filing.business.title + "卷"
    entity = source.entity.name
    enterpriseName = source.filing.name.enterpriseName
    filing = source.filing.resourceName
    filingNumber = source.filing.number
    authorityCode = source.filing.authority.description
    authorityName = source.authority.name
    createTime = order.instant.archived
    itemCount = items.count
    self.items = items.map(Item.init)
  }
}

/// An item with its bytes.
struct PackedItem {
  let item: VolumeItem
  let bytes: [UInt8]

  private init(_ path: String, _ title: String, _ form: ArchiveRules.Form, _ bytes: [UInt8]) {
    self.bytes = bytes
    item = VolumeItem(
      path: path,
      title: title,
      mediaType: form.rawValue,
      byteCount: bytes.count,
      contentSM3: SM3Digest(hashing: bytes)
    )
  }

  private init(_ path: String, _ title: String, record: some Encodable) throws {
    self.init(path, title, .json, try ArchiveJSON.bytes(of: record))
  }

  /// A message twice: as it is serialized, and as JSON that outlives its schema.
  private static func both(
    _ stem: String,
    _ title: String,
    _ message: some Message
  ) throws -> [PackedItem] {
    var binary = BinaryEncodingOptions()
    binary.useDeterministicOrdering = true
    var json = JSONEncodingOptions()
    json.useDeterministicOrdering = true
    json.preserveProtoFieldNames = true
    return [
      PackedItem(
        "\(stem).pb",
        title,
        .protobuf,
        try message.serializedBytes(options: binary)
      ),
      PackedItem("\(stem).json", title + "（文本）", .json, try message.jsonUTF8Bytes(options: json)),
    ]
  }

  /// Everything that a volume holds, in its order; the papers before their signatures.
  ///
  /// Source: `domain.md` 7.4.
  static func all(of source: VolumeSource, _ notices: [VolumeNotice]) throws -> [PackedItem] {
    var items = [
      try PackedItem(BusinessRecord.path, "业务信息", record: BusinessRecord(source)),
      try PackedItem(ProcessRecord.path, "办理过程", record: ProcessRecord(source)),
      try PackedItem(AgentsRecord.path, "机构和人员（脱敏）", record: AgentsRecord(source)),
    ]
    items += try both("01-application/content", "申请内容", source.content)
    items += source.documents.map { PackedItem($0.kind.path, $0.title, .pdf, $0.pdf) }
    items.append(
      try PackedItem(SignaturesRecord.path, "签名目录", record: SignaturesRecord(source))
    )
    items += source.evidence.enumerated().map { place, evidence in
      PackedItem(
        SignaturesRecord.statementPath(place, evidence.task.document.kind),
        "\(evidence.task.document.title)的签名：\(evidence.task.party.displayName)",
        .protobuf,
        evidence.statement
      )
    }
    if let review = source.review { items += try both("03-review/review", "审查记录", review) }
    items += notices.map { PackedItem($0.kind.path, $0.title, .pdf, $0.pdf) }
    if let license = source.license { items += try both("04-result/license", "电子营业执照", license) }
    items.append(
      try PackedItem(RegisterRecord.path, "登记簿", record: RegisterRecord(source.entity))
    )
    return items
  }
}
