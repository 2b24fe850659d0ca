internal import Foundation

/// Reads scenario files, and says where one is wrong.
enum ScenarioReader {
  /// Larger files are refused.
  private static let mostBytes = 1 << 20

  /// Reads a file.
  ///
  /// - Parameter path: The file.
  /// - Returns: The scenario.
  /// - Throws: `JourneyError.scenario`.
  static func scenario(in path: String) throws(JourneyError) -> Scenario {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw .scenario(path, "it cannot be read")
    }
    guard data.count <= mostBytes, let text = String(data: data, encoding: .utf8) else {
      throw .scenario(path, "it is larger than 1 MiB or not UTF-8")
    }
    do {
      return try scenario(JSONReader.value(of: text))
    } catch let flaw as JSONReader.Flaw {
      throw .scenario(path, "\(flaw)")
    } catch let flaw as MemberReader.Flaw {
      throw .scenario(path, "\(flaw)")
    } catch {
      throw .scenario(path, "\(error)")
    }
  }

  /// Takes a scenario from JSON.
  static func scenario(_ json: JSON) throws -> Scenario {
    var members = try MemberReader(json, at: "")
    let people = try members.map("people", person)
    let organizations = try members.map("organizations", organization)
    let steps = try members.list("steps", step)
    let scenario = Scenario(
      title: try members.text("title"),
      about: members.optionalText("about"),
      people: people,
      organizations: organizations,
      applicant: try members.text("applicant"),
      restrictions: try members.list("restrictions", restriction),
      candidate: try members.object("name"),
      content: try members.object("content"),
      staff: try members.map("staff") { reader in try reader.text("number") },
      partner: members.optionalText("partner", "icbc-shenyang"),
      purpose: members.optionalText("purpose", "ACCOUNT_OPENING"),
      steps: steps.isEmpty ? Deed.wholeWay.map { Scenario.Step(deed: $0) } : steps
    )
    try members.finish()
    try check(scenario)
    return scenario
  }

  /// Names that stand for nobody.
  private static func check(_ scenario: Scenario) throws(MemberReader.Flaw) {
    let named =
      [("applicant", scenario.applicant)]
      + scenario.restrictions.map { ("restrictions", $0.person) }
      + scenario.steps.flatMap { step in step.by.map { ("steps.by", $0) } }
    for (place, name) in named where scenario.people[name] == nil {
      throw MemberReader.Flaw(place: place, problem: "nobody in people is called \(name)")
    }
    for name in scenario.organizations.keys where scenario.people[name] != nil {
      throw MemberReader.Flaw(place: "organizations.\(name)", problem: "a person is called so too")
    }
  }

  private static func person(_ reader: inout MemberReader) throws -> Scenario.Person {
    Scenario.Person(
      fullName: try reader.text("full_name"),
      identityNumber: try reader.text("identity_number"),
      mobileNumber: reader.optionalText("mobile_number"),
      hasNoAccount: try reader.flag("no_account")
    )
  }

  private static func organization(_ reader: inout MemberReader) throws -> Scenario.Organization {
    Scenario.Organization(
      enterpriseName: try reader.text("enterprise_name"),
      creditCode: try reader.text("credit_code")
    )
  }

  private static func restriction(_ reader: inout MemberReader) throws -> Scenario.Restriction {
    Scenario.Restriction(
      person: try reader.text("person"),
      scope: try reader.text("scope"),
      ground: try reader.text("ground")
    )
  }

  private static func step(_ reader: inout MemberReader) throws -> Scenario.Step {
    let name = try reader.text("do")
    guard let deed = Deed(rawValue: name) else {
      throw reader.flaw(
        "do",
        "\(name) is none of " + Deed.allCases.map(\.rawValue).joined(separator: ", ")
      )
    }
    var step = Scenario.Step(deed: deed)
    step.by = try reader.texts("by")
    step.document = reader.optionalText("document")
    step.path = reader.optionalText("path")
    step.replace = try reader.textMap("replace")
    step.because = reader.optionalText("because")
    step.refused = try reader.optional("refused") { reader in
      Scenario.Refusal(reason: try reader.text("reason"), rules: try reader.texts("rules"))
    }
    step.expects =
      try reader.optional("expect") { reader in
        Scenario.Expectation(
          filing: reader.optionalText("filing").nonEmpty,
          reservation: reader.optionalText("reservation").nonEmpty,
          license: reader.optionalText("license").nonEmpty,
          tasks: try reader.numberMap("tasks")
        )
      } ?? Scenario.Expectation()
    if deed == .edit, step.path.isEmpty || step.replace.isEmpty {
      throw reader.flaw("do", "an edit needs path and replace")
    }
    return step
  }
}

extension String {
  fileprivate var nonEmpty: String? { isEmpty ? nil : self }
}

/// Takes the members of a JSON object one by one, so that none is left unread.
struct MemberReader {
  /// Where a scenario is wrong, and how.
  struct Flaw: Error, Equatable, CustomStringConvertible {
    let place: String
    let problem: String
    var description: String { place.isEmpty ? problem : "\(place): \(problem)" }
  }

  private let place: String
  private var members: [String: JSON] = [:]

  init(_ json: JSON, at place: String) throws(Flaw) {
    self.place = place
    guard case .object(let members) = json else {
      throw Flaw(place: place, problem: "an object is needed")
    }
    for member in members {
      guard self.members.updateValue(member.value, forKey: member.name) == nil else {
        throw Flaw(place: place, problem: "\(member.name) stands there twice")
      }
    }
  }

  func flaw(_ name: String, _ problem: String) -> Flaw {
    Flaw(place: place.isEmpty ? name : "\(place).\(name)", problem: problem)
  }

  /// Refuses what nobody has read: a mistyped name would silently mean nothing.
  func finish() throws(Flaw) {
    if let name = members.keys.min() { throw flaw(name, "nothing is called so here") }
  }

  mutating func text(_ name: String) throws(Flaw) -> String {
    guard case .text(let text)? = members.removeValue(forKey: name), !text.isEmpty else {
      throw flaw(name, "a text is needed")
    }
    return text
  }

  mutating func optionalText(_ name: String, _ otherwise: String = "") -> String {
    guard case .text(let text)? = members[name] else { return otherwise }
    members[name] = nil
    return text
  }

  mutating func flag(_ name: String) throws(Flaw) -> Bool {
    switch members.removeValue(forKey: name) {
    case nil: false
    case .boolean(let value): value
    default: throw flaw(name, "true or false is needed")
    }
  }

  mutating func object(_ name: String) throws(Flaw) -> JSON {
    guard case .object(let members)? = members.removeValue(forKey: name) else {
      throw flaw(name, "an object is needed")
    }
    return .object(members)
  }

  mutating func texts(_ name: String) throws(Flaw) -> [String] {
    var texts: [String] = []
    for value in try values(name) {
      guard case .text(let text) = value else { throw flaw(name, "texts are needed") }
      texts.append(text)
    }
    return texts
  }

  mutating func textMap(_ name: String) throws(Flaw) -> [String: String] {
    var texts: [String: String] = [:]
    for (key, value) in try pairs(name) {
      guard case .text(let text) = value else { throw flaw(name, "texts are needed") }
      texts[key] = text
    }
    return texts
  }

  mutating func numberMap(_ name: String) throws(Flaw) -> [String: Int] {
    var numbers: [String: Int] = [:]
    for (key, value) in try pairs(name) {
      guard case .number(let digits) = value, let number = Int(digits) else {
        throw flaw(name, "whole numbers are needed")
      }
      numbers[key] = number
    }
    return numbers
  }

  mutating func list<Element>(
    _ name: String,
    _ element: (inout MemberReader) throws -> Element
  ) throws -> [Element] {
    try values(name).enumerated().map { index, value in
      var value = value
      // A step that needs no more than its name may be written as such.
      if case .text = value { value = .object([.init(name: "do", value: value)]) }
      var reader = try MemberReader(value, at: flaw("\(name)[\(index)]", "").place)
      let element = try element(&reader)
      try reader.finish()
      return element
    }
  }

  mutating func map<Element>(
    _ name: String,
    _ element: (inout MemberReader) throws -> Element
  ) throws -> [String: Element] {
    var elements: [String: Element] = [:]
    for (key, value) in try pairs(name) {
      var value = value
      // A registrar is a number.
      if case .text = value { value = .object([.init(name: "number", value: value)]) }
      var reader = try MemberReader(value, at: flaw("\(name).\(key)", "").place)
      elements[key] = try element(&reader)
      try reader.finish()
    }
    return elements
  }

  mutating func optional<Value>(
    _ name: String,
    _ value: (inout MemberReader) throws -> Value
  ) throws -> Value? {
    guard let json = members.removeValue(forKey: name) else { return nil }
    var reader = try MemberReader(json, at: flaw(name, "").place)
    let value = try value(&reader)
    try reader.finish()
    return value
  }

  private mutating func values(_ name: String) throws(Flaw) -> [JSON] {
    switch members.removeValue(forKey: name) {
    case nil: []
    case .list(let values): values
    default: throw flaw(name, "a list is needed")
    }
  }

  private mutating func pairs(_ name: String) throws(Flaw) -> [(String, JSON)] {
    switch members.removeValue(forKey: name) {
    case nil: []
    case .object(let members): members.map { ($0.name, $0.value) }
    default: throw flaw(name, "an object is needed")
    }
  }
}
