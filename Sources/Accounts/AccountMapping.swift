internal import APIConventions
internal import Foundation
internal import RegistryAPI
internal import ShangMi

extension Liaoning_Registry_V1_Account {
  /// The account for a reply; `masked` hides the holder's numbers, as for everyone else.
  init(_ account: Account, masked: Bool) {
    self.init()
    name = account.name
    category = account.category.proto
    holder = account.holder.proto(masked: masked)
    verification = account.verification.proto
    verificationCode = account.comparison.code ?? ""
    if let time = account.comparison.time { verifyTime = time.timestamp }
    if let version = account.agreementVersion { agreement = Agreement.name(of: version) }
    if let time = account.agreementSignTime { agreementSignTime = time.timestamp }
    legalRepresentativeName = account.legalRepresentative?.fullName ?? ""
    createTime = account.createTime.timestamp
    etag = ETag(version: account.version).description
  }
}

extension Liaoning_Registry_V1_Agreement {
  init(_ agreement: Agreement) {
    self.init()
    name = Agreement.name(of: agreement.version)
    text = agreement.text
    textSm3 = Data(agreement.textSM3.bytes)
    effectiveTime = agreement.effectiveTime.timestamp
  }
}

extension Liaoning_Registry_V1_LoginChallenge {
  init(_ challenge: LoginChallenge) {
    self.init()
    name = challenge.name
    nonce = Data(challenge.nonce)
    expireTime = challenge.expireTime.timestamp
  }
}

extension Liaoning_Registry_V1_Restriction {
  /// The restriction for a reply; `masked` hides the person's number, as for everyone else.
  init(_ restriction: Restriction, masked: Bool) {
    self.init()
    name = restriction.name
    person = restriction.person.proto(masked: masked)
    scope = restriction.scope.proto
    ground = restriction.ground
    startTime = restriction.startTime.timestamp
    if let time = restriction.endTime { endTime = time.timestamp }
    decidedBy = restriction.decidedBy
    if let lifting = restriction.lifting { liftTime = lifting.time.timestamp }
  }
}

extension Account.Category {
  /// Reads a category; nothing for one that is not given or not known.
  init?(_ proto: Liaoning_Registry_V1_Account.Category) {
    switch proto {
    case .naturalPerson: self = .naturalPerson
    case .enterpriseLegalPerson: self = .enterpriseLegalPerson
    case .otherOrganization: self = .otherOrganization
    case .unspecified, .UNRECOGNIZED: return nil
    }
  }

  var proto: Liaoning_Registry_V1_Account.Category {
    switch self {
    case .naturalPerson: .naturalPerson
    case .enterpriseLegalPerson: .enterpriseLegalPerson
    case .otherOrganization: .otherOrganization
    }
  }
}

extension Account.Verification {
  var proto: Liaoning_Registry_V1_Account.Verification {
    switch self {
    case .verified: .verified
    case .refused: .refused
    case .manual: .manual
    case .pending: .pending
    }
  }
}

extension RestrictionScope {
  /// Reads a scope; nothing for one that is not given or not known.
  init?(_ proto: Liaoning_Registry_V1_Restriction.Scope) {
    switch proto {
    case .onlineFiling: self = .onlineFiling
    case .allRegistration: self = .allRegistration
    case .legalRepresentative: self = .legalRepresentative
    case .unspecified, .UNRECOGNIZED: return nil
    }
  }

  var proto: Liaoning_Registry_V1_Restriction.Scope {
    switch self {
    case .onlineFiling: .onlineFiling
    case .allRegistration: .allRegistration
    case .legalRepresentative: .legalRepresentative
    }
  }
}
