internal import Accounts
internal import Foundation
internal import Glibc
internal import ShangMi
internal import Testing

@testable internal import RegistryServer

/// A data folder of a test's own, removed in its end.
final class ScratchFolder: Sendable {
  let folder: DataFolder

  init() throws {
    var template = Array("/tmp/registryd-test-XXXXXX".utf8CString)
    try #require(mkdtemp(&template) != nil)
    folder = DataFolder(
      path: String(decoding: template.dropLast().map(UInt8.init), as: UTF8.self)
    )
  }

  deinit {
    try? FileManager.default.removeItem(atPath: folder.path)
  }

  /// A file's text.
  func text(of path: String) throws -> String {
    String(decoding: try DataFolder.bytes(of: path), as: UTF8.self)
  }
}

@Suite("Minting for development")
struct AuthorityTests {
  private let noon = Date(timeIntervalSince1970: 1_772_424_000)

  @Test("everyone gets a P-256 certificate that leads to the root, and a key nobody else reads")
  func certificates() throws {
    let scratch = try ScratchFolder()
    let folder = scratch.folder
    let minted = try DevelopmentAuthority(folder).mint(at: noon)
    // Two faces, six registrars at 15 authorities, two partners.
    #expect(minted.count == 2 + 90 + 2)
    #expect(Set(minted).isSuperset(of: ["registry", "gateways", "staff-S21010001"]))
    #expect(Set(minted).isSuperset(of: ["staff-S21000006", "partner-icbc-shenyang"]))
    let root = try Certificate(pem: scratch.text(of: folder.authorityCertificate))
    #expect(root.isAuthority)
    for name in minted {
      let certificate = try Certificate(pem: scratch.text(of: folder.certificate(of: name)))
      #expect(certificate.subjectCommonName == name)
      #expect(certificate.isSigned(by: root.publicKey))
      #expect(certificate.isValid(at: noon))
      #expect(try KeyFile.read(folder.key(of: name)).publicKey == certificate.publicKey)
      let hosts = certificate.subjectAlternativeNames.dnsNames
      #expect(hosts == (["registry", "gateways"].contains(name) ? ["localhost"] : []))
    }
  }

  @Test("licences are signed with SM2, and its public key lies with the root")
  func signingKey() throws {
    let scratch = try ScratchFolder()
    try DevelopmentAuthority(scratch.folder).mint(at: noon)
    let key = try KeyFile.read(scratch.folder.signingKey)
    #expect(key.kind == .sm2)
    let published = try VerifyingKey(pem: scratch.text(of: scratch.folder.signingPublicKey))
    #expect(published == key.publicKey)
  }

  @Test("what is there is never minted again; what is lost is, by the same root")
  func nothingTwice() throws {
    let scratch = try ScratchFolder()
    let folder = scratch.folder
    let authority = DevelopmentAuthority(folder)
    try authority.mint(at: noon)
    let root = try scratch.text(of: folder.authorityCertificate)
    let registry = try scratch.text(of: folder.certificate(of: "registry"))
    let signer = try scratch.text(of: folder.signingKey)
    try FileManager.default.removeItem(atPath: folder.certificate(of: "gateways"))
    #expect(try authority.mint(at: noon.addingTimeInterval(60)) == ["gateways"])
    #expect(try authority.mint(at: noon.addingTimeInterval(60)).isEmpty)
    #expect(try scratch.text(of: folder.authorityCertificate) == root)
    #expect(try scratch.text(of: folder.certificate(of: "registry")) == registry)
    #expect(try scratch.text(of: folder.signingKey) == signer)
    let gateways = try Certificate(pem: scratch.text(of: folder.certificate(of: "gateways")))
    #expect(try KeyFile.read(folder.key(of: "gateways")).publicKey == gateways.publicKey)
  }

  @Test("nobody is taken back at first; who is stays so, and others with them")
  func revocation() throws {
    let scratch = try ScratchFolder()
    let folder = scratch.folder
    let authority = DevelopmentAuthority(folder)
    try authority.mint(at: noon)
    func list() throws -> RevocationList {
      let lists = try RevocationList.lists(in: DataFolder.bytes(of: folder.revocationList))
      return try #require(lists.count == 1 ? lists.first : nil)
    }
    let root = try Certificate(pem: scratch.text(of: folder.authorityCertificate))
    #expect(try list().entries.isEmpty)
    #expect(try list().isSigned(by: root.publicKey))
    #expect(try list().isCurrent(at: noon))
    try authority.revoke(["partner-icbc-shenyang"], at: noon)
    try authority.revoke(["staff-S21010001", "partner-icbc-shenyang"], at: noon)
    try authority.mint(at: noon)
    let serials = try ["partner-icbc-shenyang", "staff-S21010001"].map {
      try Certificate(pem: scratch.text(of: folder.certificate(of: $0))).serial
    }
    #expect(try list().entries.map(\.serial).sorted() == serials.sorted())
    #expect(try list().number == 3)
    #expect(try list().isSigned(by: root.publicKey))
    #expect(throws: ServerError.unreadable(folder.certificate(of: "nobody"))) {
      try authority.revoke(["nobody"], at: noon)
    }
  }

  @Test("a start that broke off between a key and its certificate is mended")
  func brokenOff() throws {
    let scratch = try ScratchFolder()
    try scratch.folder.create()
    try KeyFile.write(SigningKey(generating: .p256), to: scratch.folder.authorityKey)
    try KeyFile.write(SigningKey(generating: .p256), to: scratch.folder.key(of: "registry"))
    try DevelopmentAuthority(scratch.folder).mint(at: noon)
    let registry = try Certificate(
      pem: scratch.text(of: scratch.folder.certificate(of: "registry"))
    )
    #expect(
      try KeyFile.read(scratch.folder.key(of: "registry")).publicKey == registry.publicKey
    )
  }

  @Test("a folder belongs to one server at a time")
  func lock() throws {
    let scratch = try ScratchFolder()
    try scratch.folder.create()
    let lock = try scratch.folder.lock()
    #expect(throws: ServerError.folderInUse(scratch.folder.path)) { try scratch.folder.lock() }
    #expect(try scratch.text(of: scratch.folder.processID) == "\(getpid())\n")
    lock.clear()
    #expect(try scratch.text(of: scratch.folder.processID).isEmpty)
  }
}

@Suite("The server's clock")
struct ClockTests {
  private let start = Date(timeIntervalSince1970: 1_496_278_800)

  @Test("it starts at the instant given, and runs on from there after a restart")
  func restart() throws {
    let scratch = try ScratchFolder()
    try scratch.folder.create()
    let first = try ServerClock(startingAt: start, in: scratch.folder).now
    #expect(first >= start)
    #expect(first < start.addingTimeInterval(60))
    #expect(try ServerClock(startingAt: start, in: scratch.folder).now > first)
  }

  @Test("another instant sets it anew")
  func another() throws {
    let scratch = try ScratchFolder()
    try scratch.folder.create()
    _ = try ServerClock(startingAt: start, in: scratch.folder)
    let later = start.addingTimeInterval(86_400)
    let now = try ServerClock(startingAt: later, in: scratch.folder).now
    #expect(now >= later)
    #expect(now < later.addingTimeInterval(60))
  }

  @Test("ids are of version 7 and variant 10, in the order of the milliseconds of its time")
  func ids() throws {
    let scratch = try ScratchFolder()
    try scratch.folder.create()
    let clock = try ServerClock(startingAt: start, in: scratch.folder)
    let ids = (0..<1_000).map { _ in clock.newUUID }
    #expect(Set(ids).count == 1_000)
    for id in ids {
      let bytes = id.uuid
      #expect(bytes.6 >> 4 == 7)
      #expect(bytes.8 >> 6 == 2)
    }
    let times = ids.map { id in
      let bytes = id.uuid
      return [bytes.0, bytes.1, bytes.2, bytes.3, bytes.4, bytes.5].reduce(UInt64(0)) {
        $0 << 8 | UInt64($1)
      }
    }
    #expect(times == times.sorted())
    #expect(times[0] >= 1_496_278_800_000)
    #expect(times[999] < 1_496_278_860_000)
  }
}
