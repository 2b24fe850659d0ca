internal import APIConventions
internal import Foundation
internal import ShangMi
internal import Vocabulary

/// The archive of an entity (户档): one an entity, one volume a finished filing.
struct Archive: Hashable, Sendable {
  /// The authority that keeps it.
  let region: RegionCode
  /// The entity's code.
  let creditCode: UnifiedSocialCreditCode
  /// How many volumes there are.
  let volumeCount: Int
  /// When the first volume was opened.
  let createTime: Date

  /// The most volumes of an archive: numbers have three digits.
  static let volumeLimit = 999
}

/// A volume (卷) of an archive.
struct Volume: Hashable, Sendable {
  /// Where a volume stands; the raw value is the SQL label.
  enum State: String, CaseIterable, Hashable, Sendable {
    /// Packaged and signed.
    case packaged
    /// Sealed for good.
    case sealed
  }

  /// The signature over the manifest, with what its verification needs.
  struct Signature: Hashable, Sendable {
    /// How it was made.
    let algorithm: SignatureAlgorithm
    /// The SM2 distinguishing identifier; empty for ECDSA.
    let distinguishingIdentifier: String
    /// DER of SEQUENCE { r, s }.
    let value: [UInt8]
    /// The authority's key: DER SubjectPublicKeyInfo.
    let publicKey: [UInt8]
  }

  /// The seal: the last change.
  struct Seal: Hashable, Sendable {
    /// When.
    let time: Date
    /// The archivist, `staff/{number}`.
    let actor: String
    /// The serialized CheckReport of the check that the volume passed.
    let report: [UInt8]
  }

  /// The volume, in the region of the authority that keeps it.
  let id: RegionalID
  /// Its place: archive and number.
  let name: VolumeName
  /// The filing that it holds.
  let filing: RegionalID
  /// The reference code (档号).
  let referenceCode: String
  /// The title, in Chinese.
  let title: String
  /// Where it stands.
  var state: State { seal == nil ? .packaged : .sealed }
  /// The SM3 of the package.
  let packageSM3: SM3Digest
  /// The package's size in bytes.
  let byteCount: Int
  /// The authority's signature over the manifest.
  let signature: Signature
  /// When it was packaged.
  let createTime: Date
  /// The archivist who packaged it, `staff/{number}`.
  let packagedBy: String
  /// The seal, once there is one.
  private(set) var seal: Seal?
  /// From 1, one more with each change.
  private(set) var version: Int64

  /// How many pieces the package is stored in.
  var pieceCount: Int { (byteCount + Self.pieceSize - 1) / Self.pieceSize }

  /// How large a stored piece and a downloaded chunk is: 256 KiB; the last one may be smaller.
  static let pieceSize = 256 << 10

  /// A volume as it was packaged or read.
  init(
    id: RegionalID,
    name: VolumeName,
    filing: RegionalID,
    referenceCode: String,
    title: String,
    packageSM3: SM3Digest,
    byteCount: Int,
    signature: Signature,
    createTime: Date,
    packagedBy: String,
    seal: Seal? = nil,
    version: Int64 = 1
  ) {
    self.id = id
    self.name = name
    self.filing = filing
    self.referenceCode = referenceCode
    self.title = title
    self.packageSM3 = packageSM3
    self.byteCount = byteCount
    self.signature = signature
    self.createTime = createTime
    self.packagedBy = packagedBy
    self.seal = seal
    self.version = version
  }

  /// Seals the volume after its check.
  ///
  /// - Parameter seal: When, by whom, and the report.
  /// - Returns: This volume, sealed for good.
  /// - Throws: `sealed`.
  func sealed(by seal: Seal) throws(ArchiveError) -> Volume {
    guard self.seal == nil else { throw .sealed(name) }
    var volume = self
    volume.seal = seal
    volume.version += 1
    return volume
  }
}

/// A file in a volume, as the catalog (卷内目录) knows it.
struct VolumeItem: Hashable, Sendable {
  /// The path in the package.
  let path: String
  /// The title, in Chinese.
  let title: String
  /// The media type.
  let mediaType: String
  /// The size in bytes.
  let byteCount: Int
  /// The SM3 of the bytes.
  let contentSM3: SM3Digest
}

/// The name of an archive, `archives/{credit_code}`.
enum ArchiveName {
  /// The entity's code in a name; nothing if it is not exactly that.
  static func creditCode(in name: String) -> UnifiedSocialCreditCode? {
    guard let ids = ResourceName.ids(in: name, of: "archives") else { return nil }
    return UnifiedSocialCreditCode(String(ids[0]))
  }

  /// The name of an entity's archive.
  static func name(of creditCode: UnifiedSocialCreditCode) -> String { "archives/\(creditCode)" }
}

/// The name of a volume, `archives/{credit_code}/volumes/{number}` with three digits.
struct VolumeName: Hashable, Sendable, CustomStringConvertible {
  /// The entity's code.
  let creditCode: UnifiedSocialCreditCode
  /// 1 to 999.
  let number: Int

  /// The name of a volume.
  init(creditCode: UnifiedSocialCreditCode, number: Int) {
    self.creditCode = creditCode
    self.number = number
  }

  /// Parses a name; nothing if it is not exactly that.
  init?(_ name: String) {
    guard let ids = ResourceName.ids(in: name, of: "archives", "volumes"),
      let creditCode = UnifiedSocialCreditCode(String(ids[0])), let number = Int(ids[1]),
      (1...Archive.volumeLimit).contains(number)
    else { return nil }
    self.init(creditCode: creditCode, number: number)
    guard description == name else { return nil }
  }

  /// The number as it is written: three digits.
  var digits: String { String(String(1_000 + number).suffix(3)) }

  /// The resource name.
  var description: String { "\(ArchiveName.name(of: creditCode))/volumes/\(digits)" }
}
