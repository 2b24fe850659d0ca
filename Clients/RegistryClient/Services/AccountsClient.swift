public import RegistryAPI
public import SwiftProtobuf

/// AccountService, a method an RPC.
public struct AccountsClient: Sendable {
  let client: RegistryClient

  /// Reads the handling agreement in force.
  ///
  /// Needs no log-in.
  ///
  /// - Throws: `RegistryFailure`, its reasons as `account_service.proto` lists them.
  public func getAgreement(
    _ request: Liaoning_Registry_V1_GetAgreementRequest
  ) async throws(RegistryFailure) -> Liaoning_Registry_V1_Agreement {
    try await client.unary(
      request,
      Liaoning_Registry_V1_AccountService.Method.GetAgreement.descriptor
    )
  }

  /// Registers an account with the signing key of its holder, and compares the holder with the
  /// population library or the legal-entity library.
  ///
  /// Needs no log-in.
  ///
  /// - Throws: `RegistryFailure`, its reasons as `account_service.proto` lists them.
  public func createAccount(
    _ request: Liaoning_Registry_V1_CreateAccountRequest
  ) async throws(RegistryFailure) -> Liaoning_Registry_V1_Account {
    try await client.unary(
      request,
      Liaoning_Registry_V1_AccountService.Method.CreateAccount.descriptor
    )
  }

  /// Reads an account: one's own, or any for staff.
  ///
  /// - Throws: `RegistryFailure`, its reasons as `account_service.proto` lists them.
  public func getAccount(
    _ request: Liaoning_Registry_V1_GetAccountRequest
  ) async throws(RegistryFailure) -> Liaoning_Registry_V1_Account {
    try await client.unary(
      request,
      Liaoning_Registry_V1_AccountService.Method.GetAccount.descriptor
    )
  }

  /// Compares the account's holder with the library once more, for instance after the source was
  /// unavailable.
  ///
  /// - Throws: `RegistryFailure`, its reasons as `account_service.proto` lists them.
  public func verifyAccount(
    _ request: Liaoning_Registry_V1_VerifyAccountRequest
  ) async throws(RegistryFailure) -> Liaoning_Registry_V1_Account {
    try await client.unary(
      request,
      Liaoning_Registry_V1_AccountService.Method.VerifyAccount.descriptor
    )
  }

  /// Signs the handling agreement in force.
  ///
  /// Every filing RPC refuses an account without it.
  ///
  /// - Throws: `RegistryFailure`, its reasons as `account_service.proto` lists them.
  public func signAgreement(
    _ request: Liaoning_Registry_V1_SignAgreementRequest
  ) async throws(RegistryFailure) -> Liaoning_Registry_V1_Account {
    try await client.unary(
      request,
      Liaoning_Registry_V1_AccountService.Method.SignAgreement.descriptor
    )
  }

  /// Asks for a challenge to log in with.
  ///
  /// Needs no log-in. The reply does not tell whether the account exists.
  ///
  /// - Throws: `RegistryFailure`, its reasons as `account_service.proto` lists them.
  public func createLoginChallenge(
    _ request: Liaoning_Registry_V1_CreateLoginChallengeRequest
  ) async throws(RegistryFailure) -> Liaoning_Registry_V1_LoginChallenge {
    try await client.unary(
      request,
      Liaoning_Registry_V1_AccountService.Method.CreateLoginChallenge.descriptor
    )
  }

  /// Answers a challenge by its signature and gets a session token.
  ///
  /// Needs no log-in.
  ///
  /// - Throws: `RegistryFailure`, its reasons as `account_service.proto` lists them.
  public func createSession(
    _ request: Liaoning_Registry_V1_CreateSessionRequest
  ) async throws(RegistryFailure) -> Liaoning_Registry_V1_Session {
    try await client.unary(
      request,
      Liaoning_Registry_V1_AccountService.Method.CreateSession.descriptor
    )
  }

  /// Ends the caller's session; its token is refused from the next call on.
  ///
  /// - Throws: `RegistryFailure`, its reasons as `account_service.proto` lists them.
  public func deleteSession(
    _ request: Liaoning_Registry_V1_DeleteSessionRequest
  ) async throws(RegistryFailure) -> Google_Protobuf_Empty {
    try await client.unary(
      request,
      Liaoning_Registry_V1_AccountService.Method.DeleteSession.descriptor
    )
  }

  /// Puts a person on the restriction list (四(四)2).
  ///
  /// Staff only.
  ///
  /// - Throws: `RegistryFailure`, its reasons as `account_service.proto` lists them.
  public func createRestriction(
    _ request: Liaoning_Registry_V1_CreateRestrictionRequest
  ) async throws(RegistryFailure) -> Liaoning_Registry_V1_Restriction {
    try await client.unary(
      request,
      Liaoning_Registry_V1_AccountService.Method.CreateRestriction.descriptor
    )
  }

  /// Lists restrictions, newest first.
  ///
  /// Staff only.
  ///
  /// - Throws: `RegistryFailure`, its reasons as `account_service.proto` lists them.
  public func listRestrictions(
    _ request: Liaoning_Registry_V1_ListRestrictionsRequest
  ) async throws(RegistryFailure) -> Liaoning_Registry_V1_ListRestrictionsResponse {
    try await client.unary(
      request,
      Liaoning_Registry_V1_AccountService.Method.ListRestrictions.descriptor
    )
  }

  /// Lifts a restriction.
  ///
  /// Staff only.
  ///
  /// - Throws: `RegistryFailure`, its reasons as `account_service.proto` lists them.
  public func liftRestriction(
    _ request: Liaoning_Registry_V1_LiftRestrictionRequest
  ) async throws(RegistryFailure) -> Liaoning_Registry_V1_Restriction {
    try await client.unary(
      request,
      Liaoning_Registry_V1_AccountService.Method.LiftRestriction.descriptor
    )
  }
}
