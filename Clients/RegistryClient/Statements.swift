public import Foundation
public import RegistryAPI
internal import ShangMi
public import SwiftProtobuf

/// A statement and its signature, as requests carry them.
///
/// What is signed is the full name of the statement's message type, a zero byte, and the serialized
/// statement: a signature for one purpose serves no other.
public struct SignedStatement: Sendable, Equatable {
  /// The serialized statement.
  public let statement: Data
  /// The signature over it.
  public let signature: Liaoning_Registry_V1_DigitalSignature

  /// Signs a statement.
  ///
  /// - Parameters:
  ///   - statement: Any statement of the registry's protos.
  ///   - key: The signer's key.
  /// - Throws: `KEY_UNUSABLE`.
  public init(_ statement: some SwiftProtobuf.Message, key: AccountKey) throws(RegistryFailure) {
    let bytes: [UInt8]
    do {
      bytes = try statement.serializedBytes()
    } catch {
      throw RegistryFailure(error)
    }
    self.statement = Data(bytes)
    signature = try key.signature(
      over: Array(type(of: statement).protoMessageName.utf8) + [0] + bytes
    )
  }
}

extension Liaoning_Registry_V1_CreateAccountRequest {
  /// A request to register an account with the key of its holder.
  ///
  /// - Parameters:
  ///   - account: Category and holder; a person gives a mobile number.
  ///   - key: The key to register.
  ///   - requestID: A UUID v4.
  /// - Returns: The request, signed.
  /// - Throws: `KEY_UNUSABLE`.
  public static func signed(
    _ account: Liaoning_Registry_V1_Account,
    key: AccountKey,
    requestID: UUID = UUID()
  ) throws(RegistryFailure) -> Self {
    let id = requestID.uuidString.lowercased()
    let signed = try SignedStatement(
      Liaoning_Registry_V1_AccountStatement.with {
        $0.requestID = id
        $0.holderCode = account.holder.code
        $0.publicKey = key.publicKey
      },
      key: key
    )
    return .with {
      $0.account = account
      $0.statement = signed.statement
      $0.signature = signed.signature
      $0.requestID = id
    }
  }
}

extension Liaoning_Registry_V1_SignAgreementRequest {
  /// A request to accept the handling agreement.
  ///
  /// - Parameters:
  ///   - agreement: The agreement as it was read; its text must have the digest it names.
  ///   - account: `accounts/{account}`.
  ///   - key: The account's key.
  ///   - requestID: A UUID v4.
  /// - Returns: The request, signed.
  /// - Throws: `AGREEMENT_UNTRUE` if text and digest differ, `KEY_UNUSABLE`.
  public static func signed(
    _ agreement: Liaoning_Registry_V1_Agreement,
    account: String,
    key: AccountKey,
    requestID: UUID = UUID()
  ) throws(RegistryFailure) -> Self {
    guard SM3.digest(Array(agreement.text.utf8)).bytes == Array(agreement.textSm3) else {
      throw .untrue("AGREEMENT_UNTRUE", "The agreement's text does not have the digest it names.")
    }
    let signed = try SignedStatement(
      Liaoning_Registry_V1_AgreementStatement.with {
        $0.account = account
        $0.agreement = agreement.name
        $0.textSm3 = agreement.textSm3
      },
      key: key
    )
    return .with {
      $0.name = account
      $0.statement = signed.statement
      $0.signature = signed.signature
      $0.requestID = requestID.uuidString.lowercased()
    }
  }
}

extension Liaoning_Registry_V1_CreateSessionRequest {
  /// A request to log in by answering a challenge.
  ///
  /// - Parameters:
  ///   - challenge: The challenge.
  ///   - account: `accounts/{account}`.
  ///   - key: The account's key.
  /// - Returns: The request, signed.
  /// - Throws: `KEY_UNUSABLE`.
  public static func signed(
    _ challenge: Liaoning_Registry_V1_LoginChallenge,
    account: String,
    key: AccountKey
  ) throws(RegistryFailure) -> Self {
    let signed = try SignedStatement(
      Liaoning_Registry_V1_LoginStatement.with {
        $0.account = account
        $0.challenge = challenge.name
        $0.nonce = challenge.nonce
      },
      key: key
    )
    return .with {
      $0.statement = signed.statement
      $0.signature = signed.signature
    }
  }
}

extension Liaoning_Registry_V1_SignDocumentRequest {
  /// A request to sign the document of a task, in all its roles.
  ///
  /// - Parameters:
  ///   - task: The task; its digest is what is signed, so compare it with the PDF that was read.
  ///   - signer: `accounts/{account}` of who signs.
  ///   - key: That account's key.
  ///   - strokes: The handwriting (手写签名): 1 to 200 strokes.
  ///   - device: What it was written on, at most 200 characters.
  ///   - instant: When, by the signer's clock; within 10 minutes of the server's.
  ///   - requestID: A UUID v4.
  /// - Returns: The request, signed.
  /// - Throws: `KEY_UNUSABLE`.
  public static func signed(
    _ task: Liaoning_Registry_V1_SignatureTask,
    signer: String,
    key: AccountKey,
    strokes: [Liaoning_Registry_V1_Stroke],
    device: String = "",
    at instant: Date = Date(),
    requestID: UUID = UUID()
  ) throws(RegistryFailure) -> Self {
    let signed = try SignedStatement(
      Liaoning_Registry_V1_DocumentStatement.with {
        $0.task = task.name
        $0.documentSm3 = task.documentSm3
        $0.signer = signer
        $0.roles = task.roles
        $0.signTime = Google_Protobuf_Timestamp(date: instant)
        $0.strokes = strokes
        $0.device = device
      },
      key: key
    )
    return .with {
      $0.name = task.name
      $0.statement = signed.statement
      $0.signature = signed.signature
      $0.requestID = requestID.uuidString.lowercased()
    }
  }
}

extension Liaoning_Registry_V1_Party {
  /// The identity number of a person, or the credit code of an organization; empty if neither is
  /// set.
  public var code: String {
    switch kind {
    case .person(let person): person.identityNumber
    case .organization(let organization): organization.creditCode
    case nil: ""
    }
  }
}

extension Liaoning_Registry_V1_Document {
  /// Whether the PDF, if it was read, has the digest that the document names.
  public var isTrue: Bool { SM3.digest(Array(pdf)).bytes == Array(pdfSm3) }
}
