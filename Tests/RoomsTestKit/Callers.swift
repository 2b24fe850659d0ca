package import Accounts
package import Identity
internal import Vocabulary

extension Caller {
  /// A registrar of Shenyang, or of another authority.
  package static func registrar(
    _ number: String,
    _ role: Role = .clerk,
    of authority: String = "210100",
    person: PersonRecord? = nil
  ) -> Caller {
    .staff(
      StaffCaller(
        number: number,
        authority: RegionCode(authority) ?? .liaoning,
        roles: [role],
        identityNumber: person?.identityNumber.description ?? "210101198001010014"
      )
    )
  }

  /// The clerk of Shenyang.
  package static let clerk = registrar("S0001", .clerk)
  /// An examiner of Shenyang.
  package static let examiner = registrar("S0002", .examiner)
  /// The head of Shenyang.
  package static let head = registrar("S0003", .head)
  /// An archivist of Shenyang.
  package static let archivist = registrar("S0004", .archivist)
}
