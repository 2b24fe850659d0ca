internal import Accounts
package import Foundation
internal import ShangMi

/// The development CA: it mints everything that a first start needs, and nothing twice.
///
/// Certificates are P-256 (OpenSSL 3.0 cannot do SM2 in TLS); the registry's signing key is SM2.
package struct DevelopmentAuthority: Sendable {
  /// Whom a certificate is for.
  struct Subject: Sendable {
    /// The name of its files, for instance `staff-S21010001`.
    let name: String
    /// It identifies a TLS server on this machine.
    let isServer: Bool
  }

  /// Whom the development CA certifies: the registry, the gateways, staff, partners.
  static let subjects: [Subject] =
    [Subject(name: "registry", isServer: true), Subject(name: "gateways", isServer: true)]
    + (DevelopmentSeed.staff.map(name(of:)) + DevelopmentSeed.partners.map(name(of:)))
    .map { Subject(name: $0, isServer: false) }

  /// The name of a registrar's files.
  static func name(of staff: StaffSeed) -> String { "staff-\(staff.number)" }
  /// The name of a partner's files.
  static func name(of partner: PartnerSeed) -> String { "partner-\(partner.id)" }

  /// The root's certificate and those of all subjects in a data folder.
  package static func files(in folder: DataFolder) -> [String] {
    [folder.authorityCertificate] + subjects.map { folder.certificate(of: $0.name) }
  }

  private let folder: DataFolder

  /// The CA of a data folder.
  package init(_ folder: DataFolder) {
    self.folder = folder
  }

  /// Mints what the folder lacks.
  ///
  /// - Parameter instant: Certificates are good from the day before, for ten years.
  /// - Returns: The names of the certificates minted now.
  /// - Throws: `ShangMiError`, or what the file system says.
  @discardableResult
  package func mint(at instant: Date) throws -> [String] {
    try folder.create()
    let authority = try authority(at: instant)
    if !exists(folder.revocationList) { try write([], number: 1, by: authority, at: instant) }
    let missing = Self.subjects.filter { !exists(folder.certificate(of: $0.name)) }
    for subject in missing { try certify(subject, by: authority, at: instant) }
    if !exists(folder.signingKey) {
      try KeyFile.write(SigningKey(generating: .sm2), to: folder.signingKey)
    }
    if !exists(folder.signingPublicKey) {
      try write(KeyFile.read(folder.signingKey).publicKey.pem, to: folder.signingPublicKey)
    }
    return missing.map(\.name)
  }

  /// Takes certificates back for good; a running server ends their connections.
  ///
  /// - Parameters:
  ///   - names: Whose, for instance `partner-icbc-shenyang`; what is taken back already stays so.
  ///   - instant: Since when.
  /// - Throws: `ServerError.unreadable` if one has no certificate here, `ShangMiError`, or what the
  ///   file system says.
  package func revoke(_ names: [String], at instant: Date) throws {
    let authority = try CertificateAuthority(
      certificate: certificate(at: folder.authorityCertificate),
      key: KeyFile.read(folder.authorityKey)
    )
    let lists = try RevocationList.lists(in: DataFolder.bytes(of: folder.revocationList))
    var entries = lists.flatMap(\.entries)
    for name in names {
      let serial = try certificate(at: folder.certificate(of: name)).serial
      if entries.contains(where: { $0.serial == serial }) { continue }
      entries.append(.init(serial: serial, revokeTime: instant))
    }
    let number = (lists.map(\.number).max() ?? 0) + 1
    try write(entries, number: number, by: authority, at: instant)
  }

  private func certificate(at path: String) throws -> Certificate {
    try Certificate(pem: String(decoding: DataFolder.bytes(of: path), as: UTF8.self))
  }

  /// Nobody renews a list of development, so it is good for as long as the certificates are.
  private func write(
    _ entries: [RevocationList.Entry],
    number: Int,
    by authority: CertificateAuthority,
    at instant: Date
  ) throws {
    let list = try authority.revocationList(
      of: entries,
      number: number,
      updateTime: instant.addingTimeInterval(-86_400),
      nextUpdateTime: instant.addingTimeInterval(10 * 365 * 86_400)
    )
    try write(list.pem, to: folder.revocationList)
  }

  private func authority(at instant: Date) throws -> CertificateAuthority {
    if exists(folder.authorityCertificate) {
      return try CertificateAuthority(
        certificate: certificate(at: folder.authorityCertificate),
        key: KeyFile.read(folder.authorityKey)
      )
    }
    let authority = try CertificateAuthority(
      commonName: "Liaoning registry development CA",
      keyKind: .p256,
      notBefore: instant.addingTimeInterval(-86_400),
      notAfter: instant.addingTimeInterval(10 * 365 * 86_400)
    )
    try replace(authority.signingKey, at: folder.authorityKey)
    try write(authority.certificate.pem, to: folder.authorityCertificate)
    return authority
  }

  private func certify(
    _ subject: Subject,
    by authority: CertificateAuthority,
    at instant: Date
  ) throws {
    let key = SigningKey(generating: .p256)
    let certificate = try authority.issue(
      commonName: subject.name,
      publicKey: key.publicKey,
      dnsNames: subject.isServer ? ["localhost"] : [],
      ipAddresses: subject.isServer ? ["127.0.0.1", "::1"] : [],
      serverAuth: subject.isServer,
      clientAuth: true,
      notBefore: instant.addingTimeInterval(-86_400),
      notAfter: instant.addingTimeInterval(10 * 365 * 86_400)
    )
    try replace(key, at: folder.key(of: subject.name))
    try write(certificate.pem, to: folder.certificate(of: subject.name))
  }

  /// Writes a key over what a broken start may have left: without its certificate it is nobody's.
  private func replace(_ key: SigningKey, at path: String) throws {
    if exists(path) { try FileManager.default.removeItem(atPath: path) }
    try KeyFile.write(key, to: path)
  }

  private func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }

  private func write(_ text: String, to path: String) throws {
    try Data(text.utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
  }
}
