internal import Vocabulary

/// What the division part of a name (行政区划) turns out to be.
enum Division: Hashable, Sendable {
  /// There is none.
  case absent
  /// A division of Liaoning at county level or above, with a zone's name after it or none.
  case liaoning(RegionCode, zone: String)
  /// A municipal district without its city.
  case districtAlone(RegionCode)
  /// A development zone without a city.
  case zoneAlone
  /// A province or prefecture outside Liaoning.
  case outside(String)
  /// None of these.
  case unknown

  /// Whether the text is a division at all, lawful here or not.
  var isRecognized: Bool {
    switch self {
    case .liaoning, .districtAlone, .zoneAlone, .outside: true
    case .absent, .unknown: false
    }
  }
}

/// Reads the division part of names.
struct Divisions: Sendable {
  /// Of Liaoning's region table.
  static let standard = Divisions()

  private struct Place: Sendable {
    let region: RegionCode
    /// With 省, 市, 区 or 县, without where two characters or more remain, and what an autonomous
    /// county is called for short; the longest first.
    let names: [String]
    let isDistrict: Bool

    init(_ region: RegionCode, named name: String) {
      self.region = region
      let bare = Divisions.bareName(name)
      var names = bare == name ? [name] : [name, bare]
      if name.hasSuffix("自治县") {
        names += [bare + "县"] + (PlacesOutside.shortNames[name] ?? [])
      }
      self.names = names.sorted { $0.count > $1.count }
      isDistrict = region.isCounty && name.hasSuffix("区")
    }
  }

  private let province: Place
  private let cities: [Place]
  /// By city.
  private let counties: [RegionCode: [Place]]
  private let outside: Set<String>
  /// Trade names that only name a place.
  private let placeNames: Set<String>
  /// What most names begin with, already read.
  private var usual: [String: Division] = [:]

  private init() {
    province = Place(.liaoning, named: "辽宁省")
    cities = RegionCode.cities.map { Place($0.code, named: $0.name) }
    var counties: [RegionCode: [Place]] = [:]
    for (code, name) in RegionCode.counties {
      counties[code.city, default: []].append(Place(code, named: name))
    }
    self.counties = counties
    outside = Set(
      (PlacesOutside.provinces + "\n" + PlacesOutside.prefectures)
        .split(whereSeparator: \.isWhitespace).map(String.init)
    )
    let ownMeaning = PlacesOutside.otherMeaning.split(whereSeparator: \.isWhitespace)
    placeNames =
      outside
      .union(([province] + cities + counties.values.joined()).flatMap(\.names))
      .union(PlacesOutside.countyNames)
      .subtracting(ownMeaning.map(String.init))
    for city in cities {
      for name in city.names {
        usual[name] = read(name)
        for county in self.counties[city.region] ?? [] {
          for inner in county.names { usual[name + inner] = read(name + inner) }
        }
      }
    }
    for name in province.names { usual[name] = read(name) }
  }

  /// Whether a trade name is the name of a place at county level or above, and nothing else.
  func isPlaceName(_ tradeName: String) -> Bool {
    let bare = Self.bareName(tradeName)
    return placeNames.contains(tradeName) || (bare != tradeName && outside.contains(bare))
  }

  /// What `text`, the part of a name before its trade name, says.
  func division(_ text: String) -> Division {
    usual[text] ?? read(text)
  }

  private func read(_ text: String) -> Division {
    if text.isEmpty { return .absent }
    let rest = strip(province, from: text[...]) ?? text[...]
    if rest.isEmpty { return .liaoning(province.region, zone: "") }
    if let found = withinCity(rest) { return found }
    for place in counties.values.joined() {
      guard let zone = strip(place, from: rest), zone.isEmpty || Self.isZone(zone) else { continue }
      if !place.isDistrict { return .liaoning(place.region, zone: String(zone)) }
      return zone.isEmpty ? .districtAlone(place.region) : .zoneAlone
    }
    if rest.count == text.count, outsideDivision(text) != .unknown { return .outside(text) }
    if Self.isZone(rest) {
      return rest.count == text.count ? .zoneAlone : .liaoning(province.region, zone: String(rest))
    }
    return .unknown
  }

  /// A city's name, perhaps with a county's and a zone's after it; nothing for 朝阳县, which only begins
  /// as a city does.
  private func withinCity(_ text: Substring) -> Division? {
    for city in cities {
      for name in city.names where text.hasPrefix(name) {
        let rest = text.dropFirst(name.count)
        for county in counties[city.region] ?? [] {
          guard let zone = strip(county, from: rest), zone.isEmpty || Self.isZone(zone) else {
            continue
          }
          return .liaoning(county.region, zone: String(zone))
        }
        if rest.isEmpty || Self.isZone(rest) {
          return .liaoning(city.region, zone: String(rest))
        }
      }
    }
    return nil
  }

  private func outsideDivision(_ text: String) -> Division {
    for length in stride(from: min(text.count, 6), to: 1, by: -1) {
      let head = String(text.prefix(length))
      guard outside.contains(head) else { continue }
      let rest = text.dropFirst(length)
      let isWhole = rest.isEmpty || "省市区县旗州盟".contains(rest.last ?? "无") || Self.isZone(rest)
      return isWhole || outside.contains(String(rest)) ? .outside(text) : .unknown
    }
    return .unknown
  }

  /// What remains of `text` after the longest of the place's names that it begins with.
  private func strip(_ place: Place, from text: Substring) -> Substring? {
    place.names.first { text.hasPrefix($0) }.map { text.dropFirst($0.count) }
  }

  private static func isZone(_ text: some StringProtocol) -> Bool {
    let endings = [
      "开发区", "高新区", "经开区", "保税区", "自贸区", "新区", "园区", "示范区", "度假区", "合作区", "经济区", "试验区", "加工区",
      "工业区",
    ]
    return text.count <= 12 && endings.contains { text.hasSuffix($0) }
  }

  /// A place's name without what names its level; as it is if less than two characters remained.
  static func bareName(_ name: String) -> String {
    let endings = [
      "满族自治县", "蒙古族自治县", "左翼蒙古族自治县", "自治县", "自治州", "自治区", "新区", "省", "市", "区", "县",
    ]
    for ending in endings where name.hasSuffix(ending) && name.count >= ending.count + 2 {
      return String(name.dropLast(ending.count))
    }
    return name
  }
}

extension Division {
  /// How many characters of the division, as written, are a place's name, whatever a zone's name
  /// adds to it.
  ///
  /// - Parameter text: The division as written.
  /// - Returns: In scalars; 0 unless it names a place.
  func placeLength(in text: String) -> Int {
    switch self {
    case .liaoning(_, let zone): text.unicodeScalars.count - zone.unicodeScalars.count
    case .districtAlone, .outside: text.unicodeScalars.count
    case .absent, .zoneAlone, .unknown: 0
    }
  }

  /// The place that the division names, written one way, for comparison: 沈阳市 and 沈阳 are one.
  ///
  /// - Parameter text: The division as written.
  /// - Returns: The key; empty for no division.
  func key(of text: String) -> String {
    switch self {
    case .liaoning(let region, let zone): "\(region)\(zone)"
    case .districtAlone(let region): "\(region)"
    case .absent: ""
    case .zoneAlone, .outside, .unknown: Divisions.bareName(text)
    }
  }

  /// Whether an entity of `region` may stand in this division: one contains the other.
  func contains(orLiesIn region: RegionCode) -> Bool {
    switch self {
    case .liaoning(let place, _), .districtAlone(let place):
      place == region || place == .liaoning || region == .liaoning
        || (place.city == region.city && (place == place.city || region == region.city))
    case .absent, .zoneAlone, .outside, .unknown: false
    }
  }

  /// The set of names that a name with this division is compared in: the province's own, or a
  /// city's with all its counties.
  ///
  /// - Parameter region: The registration authority's region, for names without a division.
  /// - Returns: 210000 or a city's code.
  func scope(at region: RegionCode) -> RegionCode {
    switch self {
    case .liaoning(let place, _), .districtAlone(let place): place.city
    case .absent, .zoneAlone, .outside, .unknown: region.city
    }
  }
}
