internal import Foundation

/// A journey as a file tells it: who takes part, what is asked for, what is done, how it must end.
///
/// `README.md` documents the file.
struct Scenario: Equatable, Sendable {
  /// Somebody who registers, signs or is named.
  struct Person: Equatable, Sendable {
    let fullName: String
    let identityNumber: String
    /// Empty if none.
    let mobileNumber: String
    /// Takes part without an account, for instance because a restriction bars him.
    let hasNoAccount: Bool
  }

  /// An organization that registers and signs through its legal representative.
  struct Organization: Equatable, Sendable {
    let enterpriseName: String
    let creditCode: String
  }

  /// A person whom a head of the authority bars before the journey, and no longer after it.
  struct Restriction: Equatable, Sendable {
    let person: String
    /// As the proto spells it, for instance `SCOPE_ONLINE_FILING`.
    let scope: String
    let ground: String
  }

  /// How a step must be refused.
  struct Refusal: Equatable, Sendable {
    let reason: String
    /// Rules that must be among the broken ones.
    let rules: [String]
  }

  /// What stands after a step.
  struct Expectation: Equatable, Sendable {
    /// The filing's state as the proto spells it, without `STATE_`.
    var filing: String?
    /// The reservation's.
    var reservation: String?
    /// The licence's status, without `STATUS_`.
    var license: String?
    /// How many signature tasks are in a state, by the state without `STATE_`.
    var tasks: [String: Int] = [:]
  }

  /// A step.
  struct Step: Equatable, Sendable {
    let deed: Deed
    /// Who does it, of the people; all whom it concerns if empty.
    var by: [String] = []
    /// For `sign`: only documents of this kind, as the proto spells it.
    var document = ""
    /// For `edit`: the path below the content, `company.charter_text`.
    var path = ""
    /// For `edit`: what is replaced in the text there, and by what.
    var replace: [String: String] = [:]
    /// For `return`, `decline`, `reject`, `refuse`: why.
    var because = ""
    /// If given, the step must be refused so.
    var refused: Refusal?
    /// What must stand afterwards.
    var expects = Expectation()
  }

  let title: String
  let about: String
  let people: [String: Person]
  let organizations: [String: Organization]
  /// Who applies, of the people.
  let applicant: String
  let restrictions: [Restriction]
  /// A NameCandidate of the protos, with placeholders.
  let candidate: JSON
  /// A FilingContent of the protos, with placeholders.
  let content: JSON
  /// Staff numbers by role; the rest is of the domicile's city.
  let staff: [String: String]
  let partner: String
  let purpose: String
  let steps: [Step]
}

/// What can be done in a journey.
enum Deed: String, CaseIterable, Sendable {
  /// Everybody registers an account with a key of its own, signs the agreement and logs in.
  case register
  /// The name is checked and reserved.
  case reserve
  /// A filing is drafted from the form.
  case draft
  /// Its content is judged: every violation at once.
  case validate
  /// Its documents are rendered, its signature tasks opened.
  case prepare
  /// The signers sign.
  case sign
  /// A signer refuses to sign.
  case refuse
  /// The applicant changes the content.
  case edit
  /// The applicant deletes the filing.
  case delete
  /// The applicant submits.
  case submit
  /// The applicant withdraws.
  case withdraw
  /// A clerk accepts.
  case accept
  /// A clerk returns the filing for correction.
  case `return`
  /// A clerk declines.
  case decline
  /// An examiner examines.
  case examine
  /// An examiner approves: entity, licence, message.
  case approve
  /// An examiner rejects.
  case reject
  /// The legal representative reads and downloads the licence.
  case license
  /// A partner verifies the licence over mutual TLS, by code and by file.
  case verify
  /// An archivist packages the volume.
  case package
  /// An archivist seals it.
  case seal
  /// Its digests and signature are checked from the stored bytes.
  case check
  /// An archivist downloads it, and its digest is compared.
  case download
  /// An auditor lists what happened and verifies the chain.
  case trace

  /// The whole way, in the order of the law.
  static let wholeWay: [Deed] = [
    .register, .reserve, .draft, .validate, .prepare, .sign, .submit, .accept, .examine, .approve,
    .license, .verify, .package, .seal, .check, .download, .trace,
  ]

  /// The step of the journey's nine that it belongs to.
  var number: Int {
    switch self {
    case .register: 1
    case .reserve: 2
    case .draft, .validate, .prepare: 3
    case .sign, .refuse: 4
    case .edit, .delete, .submit, .withdraw, .accept, .return, .decline, .examine: 5
    case .approve, .reject, .license: 6
    case .verify: 7
    case .package, .seal, .check, .download: 8
    case .trace: 9
    }
  }
}
