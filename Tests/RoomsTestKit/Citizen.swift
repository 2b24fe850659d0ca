internal import APIConventions
package import Accounts
package import Foundation
package import Identity
package import RegistryAPI
package import ShangMi
internal import SwiftProtobuf
internal import Testing
internal import Vocabulary

/// Somebody with an account and a key.
package struct Citizen: Sendable {
  /// Who it is.
  package let person: PersonRecord
  /// The key of the account.
  package let key: SigningKey
  /// The account's name.
  package let account: String
  /// The caller of the account.
  package let caller: Caller

  private func signature(
    over statement: [UInt8],
    as messageName: String
  ) throws -> Liaoning_Registry_V1_DigitalSignature {
    let value = try key.sign(SignedStatement.bytes(of: messageName, statement))
    return .with {
      $0.algorithm = key.algorithm.proto
      $0.distinguishingIdentifier = "1234567812345678"
      $0.value = Data(value)
      $0.publicKey = Data(key.publicKey.der)
    }
  }

  /// A request to register.
  fileprivate func creation() throws -> Liaoning_Registry_V1_CreateAccountRequest {
    let requestID = UUID().uuidString
    let statement: [UInt8] = try Liaoning_Registry_V1_AccountStatement.with {
      $0.requestID = requestID
      $0.holderCode = person.identityNumber.description
      $0.publicKey = Data(key.publicKey.der)
    }.serializedBytes()
    return try .with {
      $0.account.category = .naturalPerson
      $0.account.holder = PartyRecord.person(person).proto(masked: false)
      $0.statement = Data(statement)
      $0.signature = try signature(
        over: statement,
        as: Liaoning_Registry_V1_AccountStatement.protoMessageName
      )
      $0.requestID = requestID
    }
  }

  /// A request to sign the agreement.
  fileprivate func acceptance(
    of agreement: Liaoning_Registry_V1_Agreement
  ) throws -> Liaoning_Registry_V1_SignAgreementRequest {
    let statement: [UInt8] = try Liaoning_Registry_V1_AgreementStatement.with {
      $0.account = account
      $0.agreement = agreement.name
      $0.textSm3 = agreement.textSm3
    }.serializedBytes()
    return try .with {
      $0.name = account
      $0.statement = Data(statement)
      $0.signature = try signature(
        over: statement,
        as: Liaoning_Registry_V1_AgreementStatement.protoMessageName
      )
      $0.requestID = UUID().uuidString
    }
  }

  /// A request to sign a task, in order.
  package func signing(
    _ task: Liaoning_Registry_V1_SignatureTask,
    at instant: Date
  ) throws -> Liaoning_Registry_V1_SignDocumentRequest {
    let statement: [UInt8] = try Liaoning_Registry_V1_DocumentStatement.with {
      $0.task = task.name
      $0.documentSm3 = task.documentSm3
      $0.signer = account
      $0.roles = task.roles
      $0.signTime = Google_Protobuf_Timestamp(date: instant)
      $0.strokes = [
        .with { stroke in
          stroke.points = (0..<20).map { index in
            .with {
              $0.x = Int32(10 + index)
              $0.y = Int32(20 + index)
              $0.offsetMs = Int32(index * 8)
              $0.pressure = 500
            }
          }
        }
      ]
      $0.device = "test"
    }.serializedBytes()
    return try .with {
      $0.name = task.name
      $0.statement = Data(statement)
      $0.signature = try signature(
        over: statement,
        as: Liaoning_Registry_V1_DocumentStatement.protoMessageName
      )
      $0.requestID = UUID().uuidString
    }
  }
}

extension CounterHolder {
  /// Registers a person and signs the agreement.
  package func citizen(_ person: PersonRecord) async throws -> Citizen {
    let key = SigningKey(generating: .sm2)
    let newcomer = Citizen(person: person, key: key, account: "", caller: .anonymous)
    let account = try await call(as: .anonymous) {
      try await accounts.createAccount(request: try newcomer.creation(), context: $0)
    }
    let id = try #require(RegionalID(resourceName: account.name, collection: "accounts"))
    let citizen = Citizen(
      person: person,
      key: key,
      account: account.name,
      caller: .account(AccountCaller(id: id, session: []))
    )
    let agreement = try await call(as: .anonymous) {
      try await accounts.getAgreement(
        request: .with { $0.name = "agreements/current" },
        context: $0
      )
    }
    _ = try await call(as: citizen.caller) {
      try await accounts.signAgreement(
        request: try citizen.acceptance(of: agreement),
        context: $0
      )
    }
    return citizen
  }

  /// Bars a person.
  package func restrict(
    _ person: PersonRecord,
    _ scope: Liaoning_Registry_V1_Restriction.Scope
  ) async throws {
    let request = Liaoning_Registry_V1_CreateRestrictionRequest.with {
      $0.restriction.person = person.proto(masked: false)
      $0.restriction.scope = scope
      $0.restriction.ground = "沈市监罚〔2026〕1号"
      $0.requestID = UUID().uuidString
    }
    _ = try await call(as: .registrar("S0009", .head)) {
      try await accounts.createRestriction(request: request, context: $0)
    }
  }
}
