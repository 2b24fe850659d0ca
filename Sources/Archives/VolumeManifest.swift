internal import Foundation
internal import Licenses
internal import RegistryAPI
internal import ShangMi

/// The manifest of a package (清单): what the volume is and what lies in it.
///
/// It is the first file of the package, as JSON with sorted keys; what is signed are its bytes as they
/// lie there.
struct VolumeManifest: Codable, Hashable, Sendable {
  /// A file of the package.
  struct Item: Codable, Hashable, Sendable {
    /// The path in the package.
    let path: String
    /// The title, in Chinese.
    let title: String
    /// The media type.
    let mediaType: String
    /// The size in bytes.
    let sizeBytes: Int
    /// The SM3 (GB/T 32905-2016) of the bytes, 64 hexadecimal digits.
    let contentSm3: String
  }

  /// Where it lies in the package.
  static let path = "manifest.json"
  /// What its signature is made for, as a message name.
  static let messageName = "liaoning.registry.v1.VolumeManifest"

  /// `messageName`.
  let format: String
  /// 1.
  let formatVersion: Int
  /// `archives/{credit_code}/volumes/{number}`.
  let volume: String
  /// The reference code (档号).
  let referenceCode: String
  /// The fonds number (全宗号).
  let fonds: String
  /// The category of archives.
  let category: String
  /// The retention: `Y` permanent.
  let retention: String
  /// The title, in Chinese.
  let title: String
  /// `entities/{credit_code}`.
  let entity: String
  /// The entity's name when the filing was completed.
  let enterpriseName: String
  /// `filings/{filing}`.
  let filing: String
  /// The filing number.
  let filingNumber: String
  /// The region of the authority that keeps it, 6 digits.
  let authorityCode: String
  /// The authority's name.
  let authorityName: String
  /// When it was packaged: ISO 8601 in UTC, to the millisecond.
  let createTime: String
  /// How many items there are.
  let itemCount: Int
  /// The items in their order.
  let items: [Item]
}

extension VolumeManifest.Item {
  /// The item of the catalog.
  init(_ item: VolumeItem) {
    self.init(
      path: item.path,
      title: item.title,
      mediaType: item.mediaType,
      sizeBytes: item.byteCount,
      contentSm3: item.contentSM3.hexadecimal
    )
  }
}

/// The authority's signature over the manifest, as it lies in the package behind it.
struct ManifestSignature: Codable, Hashable, Sendable {
  /// Where it lies in the package.
  static let path = "signature.json"

  /// What was signed: these ASCII bytes, a zero byte, and the manifest's bytes.
  let signedAs: String
  /// How it was made.
  let algorithm: String
  /// The SM2 distinguishing identifier; empty for ECDSA.
  let distinguishingIdentifier: String
  /// DER of SEQUENCE { r, s }, in Base64.
  let value: Data
  /// The authority's key: DER SubjectPublicKeyInfo, in Base64.
  let publicKey: Data

  /// The signature as it is packaged.
  init(_ signature: Volume.Signature) {
    signedAs = VolumeManifest.messageName
    algorithm = signature.algorithm.rawValue
    distinguishingIdentifier = signature.distinguishingIdentifier
    value = Data(signature.value)
    publicKey = Data(signature.publicKey)
  }
}

extension Volume.Signature {
  /// Signs a manifest with the registry's key.
  ///
  /// - Throws: `LicenseError.signingFailed`.
  init(signing manifest: [UInt8], by signer: LicenseSigner) throws {
    let signature = try signer.signature(over: manifest, as: VolumeManifest.messageName)
    self.init(
      algorithm: signer.key.algorithm,
      distinguishingIdentifier: signature.distinguishingIdentifier,
      value: [UInt8](signature.value),
      publicKey: [UInt8](signature.publicKey)
    )
  }

  /// What is wrong with it as the registry's signature over a manifest, in Chinese; nothing if nothing
  /// is.
  func fault(over manifest: [UInt8], for signer: LicenseSigner) -> String? {
    signer.flaw(of: proto, over: manifest, as: VolumeManifest.messageName).map(\.found)
  }
}

extension SignatureFlaw {
  /// What was found, in Chinese.
  var found: String {
    switch self {
    case .malformed: "签名格式有误"
    case .otherKey: "不是登记机关的密钥"
    case .invalid: "签名无效"
    }
  }
}

/// JSON as packages have it: keys in order, snake case, Base64 for bytes.
enum ArchiveJSON {
  /// The bytes of a value.
  static func bytes(of value: some Encodable) throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted]
    encoder.keyEncodingStrategy = .convertToSnakeCase
    return Array(try encoder.encode(value))
  }

  /// The value in some bytes; nothing if they are no such value.
  static func value<Value: Decodable>(_ type: Value.Type, in bytes: [UInt8]) -> Value? {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return try? decoder.decode(type, from: Data(bytes))
  }

  /// Whether the bytes are JSON.
  static func isReadable(_ bytes: [UInt8]) -> Bool {
    (try? JSONSerialization.jsonObject(with: Data(bytes))) != nil
  }
}

extension Date {
  /// The instant in ISO 8601, UTC, to the millisecond, for instance `2026-11-23T01:00:00.000Z`.
  var archived: String {
    let milliseconds = Int64((timeIntervalSince1970 * 1_000).rounded())
    let rest = ((milliseconds % 1_000) + 1_000) % 1_000
    let seconds = Date(timeIntervalSince1970: Double((milliseconds - rest) / 1_000))
    return seconds.formatted(.iso8601).dropLast() + "." + String(1_000 + rest).dropFirst() + "Z"
  }
}
