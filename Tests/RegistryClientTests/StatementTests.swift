internal import Foundation
internal import GRPCNghttp2Transport
internal import RegistryAPI
internal import ShangMi
internal import SwiftProtobuf
internal import Testing

@testable internal import RegistryClient

@Suite("Signing statements")
struct StatementTests {
  private let key = AccountKey()

  /// Whether `key` signed `statement` under its message type's name.
  private func isSigned<Statement: SwiftProtobuf.Message>(
    _ statement: Data,
    _ signature: Liaoning_Registry_V1_DigitalSignature,
    as _: Statement.Type,
    by key: AccountKey
  ) throws -> Bool {
    let publicKey = try VerifyingKey(der: Array(signature.publicKey))
    return signature.publicKey == key.publicKey
      && publicKey.isValidSignature(
        Array(signature.value),
        over: Array(Statement.protoMessageName.utf8) + [0] + Array(statement)
      )
  }

  @Test("an account's statement names request, holder and key")
  func account() throws {
    var account = Liaoning_Registry_V1_Account()
    account.category = .naturalPerson
    account.holder.person.identityNumber = "210101190001010018"
    let request = try Liaoning_Registry_V1_CreateAccountRequest.signed(account, key: key)
    typealias Statement = Liaoning_Registry_V1_AccountStatement
    let statement = try Statement(serializedBytes: request.statement)
    #expect(statement.requestID == request.requestID && UUID(uuidString: request.requestID) != nil)
    #expect(statement.holderCode == "210101190001010018")
    #expect(statement.publicKey == key.publicKey)
    #expect(request.account == account)
    #expect(request.signature.algorithm == .sm2WithSm3)
    #expect(request.signature.distinguishingIdentifier == "1234567812345678")
    #expect(try isSigned(request.statement, request.signature, as: Statement.self, by: key))
    typealias Other = Liaoning_Registry_V1_LoginStatement
    #expect(try !isSigned(request.statement, request.signature, as: Other.self, by: key))
  }

  @Test("a P-256 key signs by ECDSA, without an identifier")
  func ecdsa() throws {
    let key = AccountKey(SigningKey(generating: .p256))
    let signed = try SignedStatement(Liaoning_Registry_V1_LoginStatement(), key: key)
    #expect(signed.signature.algorithm == .ecdsaP256Sha256)
    #expect(signed.signature.distinguishingIdentifier.isEmpty)
    typealias Statement = Liaoning_Registry_V1_LoginStatement
    #expect(try isSigned(signed.statement, signed.signature, as: Statement.self, by: key))
  }

  @Test("an agreement is signed only if its text has the digest it names")
  func agreement() throws {
    let text = "全程电子化登记办理协议"
    var agreement = Liaoning_Registry_V1_Agreement()
    agreement.name = "agreements/1"
    agreement.text = text
    agreement.textSm3 = Data(SM3.digest(Array(text.utf8)).bytes)
    let request = try Liaoning_Registry_V1_SignAgreementRequest.signed(
      agreement,
      account: "accounts/1",
      key: key
    )
    typealias Statement = Liaoning_Registry_V1_AgreementStatement
    let statement = try Statement(serializedBytes: request.statement)
    #expect(statement.agreement == "agreements/1" && statement.textSm3 == agreement.textSm3)
    #expect(request.name == "accounts/1" && statement.account == "accounts/1")
    #expect(try isSigned(request.statement, request.signature, as: Statement.self, by: key))
    agreement.text += "。"
    do throws(RegistryFailure) {
      _ = try Liaoning_Registry_V1_SignAgreementRequest.signed(
        agreement,
        account: "accounts/1",
        key: key
      )
      Issue.record("the text is another")
    } catch {
      #expect(error.reason == "AGREEMENT_UNTRUE")
    }
  }

  @Test("a document's statement binds task, digest, signer, roles, time and handwriting")
  func document() throws {
    let task = Liaoning_Registry_V1_SignatureTask.with {
      $0.name = "signatureTasks/1"
      $0.documentSm3 = Data(repeating: 7, count: 32)
      $0.roles = [.shareholder, .director]
    }
    let stroke = Liaoning_Registry_V1_Stroke.with { $0.points = [.with { $0.x = 5 }] }
    let instant = Date(timeIntervalSince1970: 1_795_395_600)
    let request = try Liaoning_Registry_V1_SignDocumentRequest.signed(
      task,
      signer: "accounts/1",
      key: key,
      strokes: [stroke],
      device: "pad",
      at: instant
    )
    typealias Statement = Liaoning_Registry_V1_DocumentStatement
    let statement = try Statement(serializedBytes: request.statement)
    #expect(
      statement
        == .with {
          $0.task = "signatureTasks/1"
          $0.documentSm3 = task.documentSm3
          $0.signer = "accounts/1"
          $0.roles = [.shareholder, .director]
          $0.signTime = Google_Protobuf_Timestamp(date: instant)
          $0.strokes = [stroke]
          $0.device = "pad"
        }
    )
    #expect(request.name == task.name && !request.requestID.isEmpty)
    #expect(try isSigned(request.statement, request.signature, as: Statement.self, by: key))
  }

  @Test("a document is true if its PDF has the digest it names")
  func documentDigest() {
    var document = Liaoning_Registry_V1_Document()
    document.pdf = Data("%PDF".utf8)
    document.pdfSm3 = Data(SM3.digest(Array("%PDF".utf8)).bytes)
    #expect(document.isTrue)
    document.pdf.append(0)
    #expect(!document.isTrue)
  }

  @Test("a key file has mode 0600, reads back as the same key and is never overwritten")
  func keyFile() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.appending(path: "a.key").path
    try key.write(to: path, passphrase: "长安长安")
    let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    #expect(mode == 0o600)
    #expect(try AccountKey(file: path, passphrase: "长安长安").fingerprint == key.fingerprint)
    #expect(key.fingerprint.count == 64)
    for attempt in [
      { _ = try AccountKey(file: path, passphrase: "wrong one") },
      { _ = try AccountKey(file: path + ".none") }, { _ = try AccountKey(pem: "") },
      { try key.write(to: path) },
    ] {
      #expect { try attempt() } throws: { ($0 as? RegistryFailure)?.reason == "KEY_UNUSABLE" }
    }
    #expect("\(key)" == "AccountKey(SM2)")
  }

  @Test("an endpoint's files must be there, certificate and key together")
  func endpointFiles() {
    #expect {
      try RegistryEndpoint(host: "localhost", port: 1, trustRootsFile: "/nowhere")
    } throws: {
      ($0 as? RegistryFailure)?.reason == "ENDPOINT_FILE_UNREADABLE"
    }
    #expect {
      try RegistryEndpoint(
        host: "localhost",
        port: 1,
        trustRootsFile: "/dev/null",
        certificateFile: "/dev/null"
      )
    } throws: {
      ($0 as? RegistryFailure)?.reason == "ENDPOINT_INVALID"
    }
  }

  @Test("a port or trust roots that cannot be used are refused", arguments: [0, 65_536, 7_443])
  func unusableEndpoint(port: Int) async {
    let endpoint = RegistryEndpoint(host: "localhost", port: port, trustRoots: .pem([1]))
    await #expect {
      try await withRegistryClient(to: endpoint) { _ in }
    } throws: {
      ($0 as? RegistryFailure)?.reason == "ENDPOINT_INVALID"
    }
  }
}
