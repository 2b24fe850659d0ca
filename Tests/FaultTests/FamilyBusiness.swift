internal import Foundation
internal import GRPCCore
internal import RegistryAPI
internal import RegistryClient
internal import RegistryTestKit
internal import ShangMi
internal import SwiftProtobuf
internal import Testing

private typealias Accounts = Liaoning_Registry_V1_AccountService.Method
private typealias Names = Liaoning_Registry_V1_NameService.Method
private typealias Filings = Liaoning_Registry_V1_FilingService.Method
private typealias Signatures = Liaoning_Registry_V1_SignatureService.Method

/// Somebody with an account, a key and a session.
struct Citizen: Sendable {
  let person: Liaoning_Registry_V1_NaturalPerson
  let key: AccountKey
  let account: String
  let token: String

  var caller: CallerIdentity { .session(token) }
}

/// The whole way of an individual business in family form (C05), from its people's accounts to its sealed volume, with somebody
/// killed at each commit.
struct FamilyBusiness: Sendable {
  let saboteur: Saboteur

  /// Goes all the way.
  func journey() async throws {
    let operator08 = try await citizen("王测试八", "210601190001080080", "13800000080")
    let member09 = try await citizen("冯测试九", "21070119000109009X", "13800000090")
    let reservation = try await reserveName(operator08)
    let submitted = try await file(reservation, operator08, member09)
    let approved = try await review(submitted)
    try await useLicense(of: approved, operator08)
    try await archive(approved)
    try await endSession(of: member09)
    try await checkMessage()
    try await checkTrace()
  }

  var strokes: [Liaoning_Registry_V1_Stroke] {
    [
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
  }

  /// A new request's id.
  func newID() -> String { UUID().uuidString.lowercased() }
}

// MARK: Accounts

extension FamilyBusiness {
  /// Registers a person, logs in, and signs the agreement.
  private func citizen(_ name: String, _ number: String, _ mobile: String) async throws -> Citizen {
    let person = Liaoning_Registry_V1_NaturalPerson.with {
      $0.fullName = name
      $0.identityNumber = number
      $0.mobileNumber = mobile
    }
    let key = AccountKey()
    let account: Liaoning_Registry_V1_Account = try await saboteur.write(
      Liaoning_Registry_V1_CreateAccountRequest.signed(
        .with {
          $0.category = .naturalPerson
          $0.holder.person = person
        },
        key: key
      ),
      Accounts.CreateAccount.descriptor,
      as: .anyone
    )
    #expect(account.verification == .verified)
    let token = try await logIn(account.name, key)
    let citizen = Citizen(person: person, key: key, account: account.name, token: token)
    let agreement: Liaoning_Registry_V1_Agreement = try await saboteur.send(
      Liaoning_Registry_V1_GetAgreementRequest.with { $0.name = "agreements/current" },
      Accounts.GetAgreement.descriptor
    )
    let agreed: Liaoning_Registry_V1_Account = try await saboteur.write(
      Liaoning_Registry_V1_SignAgreementRequest.signed(agreement, account: account.name, key: key),
      Accounts.SignAgreement.descriptor,
      as: citizen.caller
    )
    #expect(agreed.agreement == agreement.name)
    try await saboteur.remember(
      agreed,
      Liaoning_Registry_V1_GetAccountRequest.with { $0.name = account.name },
      Accounts.GetAccount.descriptor,
      as: citizen.caller
    )
    return citizen
  }

  /// Logs in, with deaths at both steps; these have no `request_id`, and a challenge is good once.
  private func logIn(_ account: String, _ key: AccountKey) async throws -> String {
    let create = Accounts.CreateLoginChallenge.descriptor
    for moment in PostgresProxy.Moment.allCases {
      try await saboteur.strike(
        moment,
        create,
        touching: "INTO accounts.login_challenge",
        as: .anyone,
        hasEffect: moment == .afterCommit
      ) {
        let _: Liaoning_Registry_V1_LoginChallenge = try await $0.unary(
          Liaoning_Registry_V1_CreateLoginChallengeRequest.with { $0.account = account },
          create
        )
      }
    }
    let begin = Accounts.CreateSession.descriptor
    for moment in PostgresProxy.Moment.allCases {
      let answer = try await answer(account, key)
      try await saboteur.strike(
        moment,
        begin,
        touching: "INTO accounts.session",
        as: .anyone,
        hasEffect: moment == .afterCommit
      ) {
        let _: Liaoning_Registry_V1_Session = try await $0.unary(answer, begin)
      }
      switch moment {
      case .beforeCommit:
        let session: Liaoning_Registry_V1_Session = try await saboteur.send(answer, begin)
        #expect(session.account == account)
      case .afterCommit:
        // Its answer was used, and the token that came of it is nobody's: a new challenge is needed.
        let refusal = await #expect(throws: RegistryFailure.self) {
          let _: Liaoning_Registry_V1_Session = try await saboteur.send(answer, begin)
        }
        #expect(refusal?.reason == "LOGIN_REFUSED")
      }
    }
    let session: Liaoning_Registry_V1_Session = try await saboteur.send(
      answer(account, key),
      begin
    )
    return session.token
  }

  /// The answer to a new challenge.
  private func answer(
    _ account: String,
    _ key: AccountKey
  ) async throws -> Liaoning_Registry_V1_CreateSessionRequest {
    let challenge: Liaoning_Registry_V1_LoginChallenge = try await saboteur.send(
      Liaoning_Registry_V1_CreateLoginChallengeRequest.with { $0.account = account },
      Accounts.CreateLoginChallenge.descriptor
    )
    return try .signed(challenge, account: account, key: key)
  }

  /// Logs in once more and out; who hears nothing of it finds that the session has ended.
  private func endSession(of citizen: Citizen) async throws {
    let method = Accounts.DeleteSession.descriptor
    let session: Liaoning_Registry_V1_Session = try await saboteur.send(
      answer(citizen.account, citizen.key),
      Accounts.CreateSession.descriptor
    )
    for moment in PostgresProxy.Moment.allCases {
      try await saboteur.strike(
        moment,
        method,
        touching: "UPDATE accounts.session",
        as: .session(session.token),
        hasEffect: moment == .afterCommit
      ) {
        let _: Google_Protobuf_Empty = try await $0.unary(
          Liaoning_Registry_V1_DeleteSessionRequest(),
          method
        )
      }
    }
    let refusal = await #expect(throws: RegistryFailure.self) {
      let _: Google_Protobuf_Empty = try await saboteur.send(
        Liaoning_Registry_V1_DeleteSessionRequest(),
        method,
        as: .session(session.token)
      )
    }
    #expect(refusal?.reason == "CALLER_UNAUTHENTICATED")
  }
}

// MARK: Name and filing

extension FamilyBusiness {
  private func reserveName(_ citizen: Citizen) async throws -> String {
    let reservation: Liaoning_Registry_V1_Reservation = try await saboteur.write(
      Liaoning_Registry_V1_ReserveNameRequest.with {
        $0.candidates = [
          .with {
            $0.enterpriseName = "沈阳市北巷口面馆"
            $0.tradeName = "北巷口"
            $0.industryWords = "面"
            $0.industryClass = "6220"
            $0.entityType = "9500"
            $0.regionCode = "210100"
          }
        ]
        $0.similarConfirmed = true
        $0.requestID = newID()
      },
      Names.ReserveName.descriptor,
      as: citizen.caller
    )
    #expect(reservation.state == .reserved)
    try await saboteur.remember(
      reservation,
      Liaoning_Registry_V1_GetReservationRequest.with { $0.name = reservation.name },
      Names.GetReservation.descriptor,
      as: citizen.caller
    )
    return reservation.name
  }

  private func content(
    _ operator08: Citizen,
    _ member09: Citizen
  ) -> Liaoning_Registry_V1_FilingContent {
    .with {
      $0.entityType = "9500"
      $0.domicileRegionCode = "210102"
      $0.domicile = "辽宁省沈阳市和平区试验一路1号A座101室"
      $0.scopeItems = [
        .with {
          $0.text = "餐饮服务"
          $0.industryClass = "6220"
        }
      ]
      $0.liaison = operator08.person
      $0.individualBusiness = .with {
        $0.form = .family
        $0.operator = operator08.person
        $0.familyMembers = [member09.person]
      }
    }
  }

  /// Drafts, prepares, has signed, and submits.
  private func file(
    _ reservation: String,
    _ operator08: Citizen,
    _ member09: Citizen
  ) async throws -> Liaoning_Registry_V1_Filing {
    let draft: Liaoning_Registry_V1_Filing = try await saboteur.write(
      Liaoning_Registry_V1_CreateFilingRequest.with {
        $0.filing.business = .establishment
        $0.filing.reservation = reservation
        $0.filing.content = content(operator08, member09)
        $0.requestID = newID()
      },
      Filings.CreateFiling.descriptor,
      as: operator08.caller
    )
    try await saboteur.remember(
      draft,
      Liaoning_Registry_V1_GetFilingRequest.with { $0.name = draft.name },
      Filings.GetFiling.descriptor,
      as: operator08.caller
    )
    let prepared: Liaoning_Registry_V1_Filing = try await saboteur.write(
      Liaoning_Registry_V1_PrepareFilingRequest.with {
        $0.name = draft.name
        $0.etag = draft.etag
        $0.requestID = newID()
      },
      Filings.PrepareFiling.descriptor,
      as: operator08.caller
    )
    for citizen in [operator08, member09] { try await signAll(of: prepared.name, citizen) }
    let ready: Liaoning_Registry_V1_Filing = try await saboteur.send(
      Liaoning_Registry_V1_GetFilingRequest.with { $0.name = draft.name },
      Filings.GetFiling.descriptor,
      as: operator08.caller
    )
    #expect(ready.state == .ready)
    #expect(ready.signedCount == ready.signatureCount)
    let submitted: Liaoning_Registry_V1_Filing = try await saboteur.write(
      Liaoning_Registry_V1_SubmitFilingRequest.with {
        $0.name = ready.name
        $0.etag = ready.etag
        $0.requestID = newID()
      },
      Filings.SubmitFiling.descriptor,
      as: operator08.caller
    )
    #expect(submitted.state == .submitted)
    return submitted
  }

  /// Opens and signs what waits for a person.
  private func signAll(of filing: String, _ citizen: Citizen) async throws {
    let list: Liaoning_Registry_V1_ListSignatureTasksResponse = try await saboteur.send(
      Liaoning_Registry_V1_ListSignatureTasksRequest.with { $0.filing = filing },
      Signatures.ListSignatureTasks.descriptor,
      as: citizen.caller
    )
    let own = list.signatureTasks.filter {
      $0.party.person.fullName == citizen.person.fullName && $0.state == .pending
    }
    #expect(own.count == 1)
    for task in own {
      let opened: Liaoning_Registry_V1_SignatureTask = try await saboteur.write(
        Liaoning_Registry_V1_OpenSignatureTaskRequest.with {
          $0.name = task.name
          $0.requestID = newID()
        },
        Signatures.OpenSignatureTask.descriptor,
        as: citizen.caller
      )
      let signed: Liaoning_Registry_V1_SignatureTask = try await saboteur.write(
        Liaoning_Registry_V1_SignDocumentRequest.signed(
          opened,
          signer: citizen.account,
          key: citizen.key,
          strokes: strokes
        ),
        Signatures.SignDocument.descriptor,
        as: citizen.caller
      )
      #expect(signed.state == .signed)
      try await saboteur.remember(
        signed,
        Liaoning_Registry_V1_GetSignatureTaskRequest.with { $0.name = task.name },
        Signatures.GetSignatureTask.descriptor,
        as: citizen.caller
      )
    }
  }
}
