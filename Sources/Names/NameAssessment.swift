internal import Foundation
internal import Vocabulary

/// A name of the library that stands in a candidate's way.
package struct NameHit: Hashable, Sendable {
  /// The library's entry.
  let libraryID: String
  /// The name that stands there.
  let enterpriseName: String
  /// How near it is.
  let verdict: NameVerdict
  /// By which rule.
  let rule: ComparisonRule
  /// Since when it stands there; nil if unknown.
  let since: Date?
}

/// An entry of the library as a search brings it up.
struct LibraryEntry: Hashable, Sendable {
  let libraryID: String
  let enterpriseName: String
  let compared: ComparedName
  let since: Date?
}

/// All that is to be said of a candidate: rules broken and names in the way.
///
/// Pure.
struct NameAssessment: Hashable, Sendable {
  /// What may be done with the name.
  enum Outcome: Sendable {
    /// It may be reserved.
    case reservable
    /// It may be reserved once the similar names are confirmed.
    case reservableWithRisk
    /// An examiner decides first.
    case manualReview
    /// It cannot be reserved.
    case refused
  }

  /// The most hits told.
  static let hitLimit = 200

  let structure: NameStructure
  let violations: [NamingViolation]
  /// Most serious first, then newest first; what is of unknown age last, by its id.
  let hits: [NameHit]

  /// Judges a candidate.
  ///
  /// - Parameters:
  ///   - structure: The candidate, cut.
  ///   - found: What the search brought up.
  ///   - contained: Whole names of others that the candidate holds.
  ///   - law: The law in force.
  init(
    _ structure: NameStructure,
    among found: [LibraryEntry],
    containing contained: [String],
    under law: LawProfile
  ) {
    self.structure = structure
    violations =
      NamingRules(law: law).violations(in: structure)
      + contained.map { NamingViolation(rule: .otherEnterprise, part: $0) }
    let comparison = NameComparison(law: law)
    let candidate = ComparedName(structure)
    let parent = structure.candidate.parentName.map(NameText.simplified)
    hits = found.compactMap { entry in
      let finding = comparison.finding(
        on: candidate,
        against: entry.compared,
        related: entry.compared.whole == parent
      )
      guard finding.verdict != .distinct else { return nil }
      return NameHit(
        libraryID: entry.libraryID,
        enterpriseName: entry.enterpriseName,
        verdict: finding.verdict,
        rule: finding.rule,
        since: entry.since
      )
    }
    .sorted(by: Self.standsBefore)
  }

  /// What may be done with the name.
  var outcome: Outcome {
    if hits.first?.verdict == .identical || violations.contains(where: { !$0.rule.isForExaminer }) {
      return .refused
    }
    if !violations.isEmpty { return .manualReview }
    return hits.isEmpty ? .reservable : .reservableWithRisk
  }

  private static func standsBefore(_ one: NameHit, _ other: NameHit) -> Bool {
    if one.verdict != other.verdict { return one.verdict < other.verdict }
    switch (one.since, other.since) {
    case (let first?, let second?) where first != second: return first > second
    case (_?, nil): return true
    case (nil, _?): return false
    case (nil, nil), (_?, _?): return one.libraryID < other.libraryID
    }
  }
}

/// Whole names of others within a candidate's.
///
/// Source: 企业名称登记管理规定 (2020), art. 15: a name holds another enterprise's only with its consent.
enum ContainedNames {
  /// A part of a name that would be a whole name of a set.
  struct Possibility: Hashable, Sendable {
    let scope: RegionCode
    let whole: String
  }

  private static let endings = ["公司", "厂", "合作社", "事务所", "中心"]
  /// The most that are looked up.
  private static let limit = 32

  /// Every part of a name, but the whole, that begins with a division of Liaoning or with the name
  /// itself and ends as names end; a branch's parent's name is no other's.
  static func possibilities(in structure: NameStructure) -> [Possibility] {
    let name = Array(NameText.simplified(structure.candidate.enterpriseName))
    let parent = structure.candidate.parentName.map(NameText.simplified)
    var found: [Possibility] = []
    for end in 4...max(4, name.count) where end <= name.count {
      guard endings.contains(where: { name[..<end].ends(with: $0) }) else { continue }
      for start in 0..<end where start > 0 || end < name.count {
        let begun = beginning(name[start..<end])
        let scope = start == 0 ? begun ?? structure.scope : begun
        guard let scope, end - start >= 4 else { continue }
        let whole = String(name[start..<end])
        if whole != parent { found.append(Possibility(scope: scope, whole: whole)) }
      }
    }
    return Array(found.prefix(limit))
  }

  /// The set that a name would belong to by the city or province that it begins with.
  private static func beginning(_ name: ArraySlice<Character>) -> RegionCode? {
    for length in [4, 3, 2] where name.count > length {
      if case .liaoning(let place, _) = Divisions.standard.division(String(name.prefix(length))) {
        return place.city
      }
    }
    return nil
  }
}

extension Collection where Element == Character {
  fileprivate func ends(with text: String) -> Bool {
    suffix(text.count).elementsEqual(text)
  }
}
