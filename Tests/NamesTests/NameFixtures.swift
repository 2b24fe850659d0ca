internal import Vocabulary

@testable internal import Names

extension NameCandidate {
  /// A candidate whose trade name is found by what stands around it: the division before it or in
  /// parentheses, the industry words or a company's form after it.
  static func sample(
    _ name: String,
    trade: String? = nil,
    industry: String,
    industryClass: String = "6513",
    type: String = "1130",
    region: String = "210100",
    parent: String? = nil
  ) throws -> NameCandidate {
    NameCandidate(
      enterpriseName: name,
      tradeName: trade ?? Self.tradeName(in: name, before: industry),
      industryWords: industry,
      industryClass: try IndustryClass.sample(industryClass),
      entityType: try EntityType.sample(type),
      region: try RegionCode.sample(region),
      parentName: parent
    )
  }

  private static func tradeName(in name: String, before industry: String) -> String {
    var rest = name[...]
    let places = [(RegionCode.liaoning, "辽宁省")] + RegionCode.cities
    for (_, place) in places {
      for written in [place, String(place.dropLast())] where rest.hasPrefix(written) {
        rest = rest.dropFirst(written.count)
        break
      }
    }
    let ends = ["（", "有限", "股份", "专业合作社", "面馆"] + (industry.isEmpty ? [] : [industry])
    for end in ends {
      if let range = rest.firstRange(of: end), range.lowerBound > rest.startIndex {
        rest = rest[..<range.lowerBound]
      }
    }
    return String(rest)
  }
}

extension ComparedName {
  /// A row of `Vectors.library`.
  static func library(_ row: [String]) throws -> ComparedName {
    ComparedName(
      whole: row[1],
      scope: try RegionCode.sample(row[8]),
      divisionText: row[2],
      division: Divisions.standard.division(row[2]),
      trade: row[3],
      industry: row[4],
      form: row[5],
      industryClass: try IndustryClass.sample(row[6]),
      isBranch: false
    )
  }
}

/// A text that is no value of its kind.
struct NoSuchValue: Error {
  let text: String
}

extension RegionCode {
  static func sample(_ text: String) throws -> RegionCode {
    guard let region = RegionCode(text) else { throw NoSuchValue(text: text) }
    return region
  }
}

extension IndustryClass {
  static func sample(_ text: String) throws -> IndustryClass {
    guard let industry = IndustryClass(text) else { throw NoSuchValue(text: text) }
    return industry
  }
}

extension EntityType {
  static func sample(_ text: String) throws -> EntityType {
    guard let type = EntityType(text) else { throw NoSuchValue(text: text) }
    return type
  }
}
