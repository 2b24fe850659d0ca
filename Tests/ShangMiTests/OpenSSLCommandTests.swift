internal import Foundation
internal import ShangMi
internal import Testing

/// The `openssl` command, where there is one: it judges what we make.
private enum OpenSSLCommand {
  static let path = ["/usr/bin/openssl", "/usr/local/bin/openssl"]
    .first { FileManager.default.isExecutableFile(atPath: $0) }

  static let id = "distid:1234567812345678"

  /// Whether the command, run in a folder, ends with 0.
  static func accepts(_ arguments: [String], in folder: URL) throws -> Bool {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: try #require(path))
    process.arguments = arguments
    process.currentDirectoryURL = folder
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    return process.terminationStatus == 0
  }
}

@Suite(
  "Being understood by the openssl command",
  .enabled(if: OpenSSLCommand.path != nil, "there is no openssl command here")
)
struct OpenSSLCommandTests {
  private let folder: URL

  init() throws {
    folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("openssl-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  private func write(_ text: String, _ name: String) throws {
    try Data(text.utf8).write(to: folder.appendingPathComponent(name))
  }

  @Test("it verifies our SM2 signatures with the standard's id, and without it does not")
  func signature() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let key = SM2PrivateKey()
    let message = [UInt8]("沈阳星澜软件有限公司".utf8)
    try write(key.publicKey.pem, "public.pem")
    try Data(message).write(to: folder.appendingPathComponent("message"))
    try Data(key.sign(message)).write(to: folder.appendingPathComponent("signature"))
    let verify = [
      "pkeyutl", "-verify", "-pubin", "-inkey", "public.pem", "-in", "message", "-rawin",
      "-digest", "sm3", "-sigfile", "signature",
    ]
    let withID = verify + ["-pkeyopt", OpenSSLCommand.id]
    let withOtherID = verify + ["-pkeyopt", "distid:8765432187654321"]
    #expect(try OpenSSLCommand.accepts(withID, in: folder))
    #expect(try !OpenSSLCommand.accepts(withOtherID, in: folder))
  }

  @Test("it opens our encrypted keys with their passphrase only", arguments: KeyKind.allCases)
  func encryptedKey(kind: KeyKind) throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let key = SigningKey(generating: kind)
    try write(key.encryptedPEM(passphrase: "correct horse"), "key.pem")
    let open = ["pkey", "-in", "key.pem", "-noout", "-passin"]
    #expect(try OpenSSLCommand.accepts(open + ["pass:correct horse"], in: folder))
    #expect(try !OpenSSLCommand.accepts(open + ["pass:correct house"], in: folder))
  }

  @Test("it verifies our chains and requests", arguments: KeyKind.allCases)
  func certificates(kind: KeyKind) throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let now = Date()
    let root = try CertificateAuthority(
      commonName: "根",
      keyKind: kind,
      notBefore: now.addingTimeInterval(-3_600),
      notAfter: now.addingTimeInterval(86_400)
    )
    let key = SigningKey(generating: kind)
    let request = try CertificateSigningRequest(commonName: "registry.example", key: key)
    let leaf = try root.issue(
      request,
      dnsNames: ["registry.example"],
      ipAddresses: ["127.0.0.1"],
      serverAuth: true,
      notBefore: now.addingTimeInterval(-60),
      notAfter: now.addingTimeInterval(3_600)
    )
    try write(root.certificate.pem, "root.pem")
    try write(leaf.pem, "leaf.pem")
    try write(request.pem, "request.pem")
    let id = kind == .sm2 ? ["-vfyopt", OpenSSLCommand.id] : []
    // Strictness makes it look at every extension; a host and an address at the other names.
    let strict = [
      "verify", "-x509_strict", "-purpose", "sslserver", "-verify_hostname", "registry.example",
      "-verify_ip", "127.0.0.1", "-CAfile", "root.pem",
    ]
    #expect(try OpenSSLCommand.accepts(strict + id + ["leaf.pem"], in: folder))
    // Issuing makes it check the request's own signature first.
    try write(root.keyPEM(), "root-key.pem")
    let issue = [
      "x509", "-req", "-in", "request.pem", "-CA", "root.pem", "-CAkey", "root-key.pem",
      "-set_serial", "1", "-out", "issued.pem", kind == .sm2 ? "-sm3" : "-sha256",
    ]
    #expect(try OpenSSLCommand.accepts(issue + id, in: folder))
    if kind == .sm2 {
      let otherID = ["-vfyopt", "distid:8765432187654321"]
      #expect(try !OpenSSLCommand.accepts(issue + otherID, in: folder))
    }
  }
}
