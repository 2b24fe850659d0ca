internal import Accounts
internal import RoomsTestKit
internal import Testing

@testable internal import Filings

@Suite("Judging a farmers' cooperative")
struct CooperativeRulesTests {
  private func broken(_ cooperative: CooperativeDetails) -> [String] {
    brokenRules(
      .sample(
        content: .sample(
          .cooperative(cooperative),
          region: "211122",
          domicile: "辽宁省盘锦市盘山县试验乡测试村14组"
        ),
        in: "211100"
      )
    )
  }

  /// T06 in the chair, so many farmers in all, other citizens and organizations.
  private func members(farmers: Int, citizens: Int = 0, organizations: Int = 0) -> [Contributor] {
    let people = [Person.t06] + Person.crowd(farmers + citizens)
    let all = [Organization.hemuyuan, Organization.mingche, Organization.wantang]
    return people.prefix(farmers).map { Contributor.sample($0, 100, farmer: true) }
      + people.dropFirst(farmers).prefix(citizens).map { Contributor.sample($0, 100) }
      + all.prefix(organizations).map { Contributor.sample($0, 100) }
  }

  @Test("four farmers and a company are lawful, three farmers of five are not (C04)")
  func farmersOfFive() {
    #expect(broken(.sample(members: members(farmers: 4, organizations: 1))) == [])
    #expect(
      broken(.sample(members: members(farmers: 3, citizens: 1, organizations: 1)))
        == ["FARMER_SHARE_UNLAWFUL"]
    )
  }

  @Test("there are at least 5 members", arguments: [(4, ["MEMBER_COUNT_UNLAWFUL"]), (5, [])])
  func memberCount(count: Int, rules: [String]) {
    #expect(broken(.sample(members: members(farmers: count))) == rules)
  }

  @Test("at least 80 % are farmers", arguments: [(8, 2, []), (7, 2, ["FARMER_SHARE_UNLAWFUL"])])
  func farmerShare(farmers: Int, citizens: Int, rules: [String]) {
    #expect(broken(.sample(members: members(farmers: farmers, citizens: citizens))) == rules)
  }

  @Test(
    "of up to 20 members one is an organization, of more than 20 at most 5 %",
    arguments: [(19, 1, true), (18, 2, false), (20, 1, true), (38, 2, true), (37, 2, false)]
  )
  func organizations(farmers: Int, organizations: Int, isLawful: Bool) {
    let all = members(farmers: farmers, organizations: organizations)
    #expect(broken(.sample(members: all)) == (isLawful ? [] : ["ORGANIZATION_MEMBERS_UNLAWFUL"]))
  }

  @Test("the chair is a member")
  func chair() {
    #expect(broken(.sample(chair: Person.t01)) == ["CHAIR_NOT_MEMBER"])
  }

  @Test("an organization is no farmer, whatever it contributes")
  func farmersArePersons() {
    let farmer = Contributor(
      party: .organization(Organization.hemuyuan),
      contributionFen: 100,
      dueDate: nil,
      isFarmer: true
    )
    #expect(broken(.sample(members: members(farmers: 4) + [farmer])) == ["FARMER_NOT_A_PERSON"])
  }

  @Test("contributions are above 0 and have a sum")
  func contributions() {
    let nothing = members(farmers: 4) + [.sample(Person.t10, 0, farmer: true)]
    #expect(broken(.sample(members: nothing)) == ["CONTRIBUTION_NOT_POSITIVE"])
    let tooMuch = members(farmers: 4) + [.sample(Person.t10, .max, farmer: true)]
    #expect(broken(.sample(members: tooMuch)) == ["CONTRIBUTION_SUM_TOO_LARGE"])
  }

  @Test("members are adults and stand once")
  func people() {
    let young = members(farmers: 4) + [.sample(Person.minor, 100, farmer: true)]
    #expect(broken(.sample(members: young)) == ["MEMBER_MINOR"])
    let twice = members(farmers: 5) + [.sample(Person.t06, 100, farmer: true)]
    #expect(broken(.sample(members: twice)) == ["PARTY_DUPLICATE"])
    let chaired = members(farmers: 4) + [.sample(Person.minor, 100, farmer: true)]
    #expect(
      broken(.sample(members: chaired, chair: Person.minor))
        == ["LEGAL_REPRESENTATIVE_MINOR", "MEMBER_MINOR"]
    )
  }
}

@Suite("Judging an individual business")
struct IndividualBusinessRulesTests {
  private func broken(
    _ form: IndividualBusinessDetails.Form,
    operator person: PersonRecord = Person.t08,
    family: [PersonRecord] = []
  ) -> [String] {
    let business = IndividualBusinessDetails(form: form, operator: person, familyMembers: family)
    return brokenRules(.sample(content: .sample(.individualBusiness(business))))
  }

  @Test("a family business names a family member, a personal one none (C05)")
  func form() {
    #expect(broken(.personal) == [])
    #expect(broken(.family, family: [Person.t09]) == [])
    #expect(broken(.family) == ["FAMILY_MEMBERS_MISSING"])
    #expect(broken(.personal, family: [Person.t09]) == ["FAMILY_MEMBERS_UNEXPECTED"])
  }

  @Test("the operator and each family member stand once")
  func duplicates() {
    #expect(broken(.family, family: [Person.t08]) == ["OPERATOR_IS_FAMILY_MEMBER"])
    #expect(broken(.family, family: [Person.t09, Person.t09]) == ["PARTY_DUPLICATE"])
  }

  @Test("the operator is an adult, and a minor of the family needs a guardian")
  func ages() {
    #expect(broken(.personal, operator: Person.minor) == ["OPERATOR_MINOR"])
    #expect(broken(.family, family: [Person.minor]) == ["MINOR_NEEDS_GUARDIAN"])
  }
}
