internal import Foundation

/// What stands for something else in a scenario's name and content.
///
/// - `"@zhao"`: the person or organization of that name, as the protos' object.
/// - `{fresh}`: two characters that no earlier run drew, so that a name can be had again.
/// - `{today+4y}`, `{today+30d}`: a civil date in Asia/Shanghai.
struct Placeholders: Sendable {
  /// The two characters of this run.
  let fresh: String
  /// The day from which dates are reckoned.
  let today: Date
  private let parties: [String: JSON]

  /// The placeholders of a scenario.
  init(_ scenario: Scenario, fresh: String, today: Date) {
    self.fresh = fresh
    self.today = today
    parties = scenario.people.mapValues(Self.object).merging(
      scenario.organizations.mapValues(Self.object)
    ) { person, _ in person }
  }

  /// A value with what its placeholders stand for.
  ///
  /// - Throws: `MemberReader.Flaw` for a name that stands for nobody.
  func filled(_ json: JSON) throws(MemberReader.Flaw) -> JSON {
    switch json {
    case .null, .boolean, .number: return json
    case .text(let text):
      guard text.hasPrefix("@") else { return .text(filled(text)) }
      guard let party = parties[String(text.dropFirst())] else {
        throw MemberReader.Flaw(place: text, problem: "nobody in people or organizations")
      }
      return party
    case .list(let values):
      var filledValues: [JSON] = []
      for value in values { filledValues.append(try filled(value)) }
      return .list(filledValues)
    case .object(let members):
      var filledMembers: [JSON.Member] = []
      for member in members {
        filledMembers.append(.init(name: member.name, value: try filled(member.value)))
      }
      return .object(filledMembers)
    }
  }

  /// A text with what its placeholders stand for.
  func filled(_ text: String) -> String {
    var text = text.replacing("{fresh}", with: fresh)
    while let match = text.firstMatch(of: /\{today\+(\d{1,4})([yd])\}/) {
      let count = Int(match.1) ?? 0
      text.replaceSubrange(match.range, with: date(count, match.2 == "y" ? .year : .day))
    }
    return text
  }

  private func date(_ count: Int, _ unit: Calendar.Component) -> String {
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = TimeZone(secondsFromGMT: 8 * 3_600) ?? .gmt
    let day = calendar.date(byAdding: unit, value: count, to: today) ?? today
    let parts = calendar.dateComponents([.year, .month, .day], from: day)
    return [parts.year, parts.month, parts.day].map { part in
      let digits = String(part ?? 0)
      return digits.count < 2 ? "0" + digits : digits
    }.joined(separator: "-")
  }

  private static func object(_ person: Scenario.Person) -> JSON {
    var members: [JSON.Member] = [
      .init(name: "full_name", value: .text(person.fullName)),
      .init(name: "identity_number", value: .text(person.identityNumber)),
    ]
    if !person.mobileNumber.isEmpty {
      members.append(.init(name: "mobile_number", value: .text(person.mobileNumber)))
    }
    return .object(members)
  }

  private static func object(_ organization: Scenario.Organization) -> JSON {
    .object([
      .init(name: "enterprise_name", value: .text(organization.enterpriseName)),
      .init(name: "credit_code", value: .text(organization.creditCode)),
    ])
  }

  /// Two characters drawn from those that are standard, rare in names, and no word of any list.
  static func drawn(by generator: inout some RandomNumberGenerator) -> String {
    String([draw(&generator), draw(&generator)])
  }

  private static func draw(_ generator: inout some RandomNumberGenerator) -> Character {
    rare.randomElement(using: &generator) ?? "璟"
  }

  private static let rare = Array(
    "珩琏珺珹琛琬琰琮瑀瑄瑗瑧瑭璆璇璈璟璠璩璪璐璞瓒玥珂玟玹珣珝珽琎琚琦琨瑃瑅瑆瑑瑢瑨"
      + "璘璜璥璱澴濋瀍潏潋潆滢滟溇湉湑渼渟涴涘浟洣泖沨汶沄漈漴漷澧澥澹濡瀛灏炜炅烜焘焜煦"
      + "煜燊燚桉梓梣棠棣棨椋楠楸榕榛榭槿樾橦檀檠杼枥柽栎栩桢桫栴苡苴茜茯荇荪荻莘莼菀菡菁"
      + "萸葳葭"
  )
}
