/// A division of Liaoning under a code or name that it has no more.
///
/// Old papers, credit codes and identity numbers keep such codes.
package struct FormerRegion: Hashable, Sendable {
  /// The code it had.
  package let code: RegionCode
  /// The name it had.
  package let name: String
  /// The last day before the State Council approved the change.
  package let lastDay: CivilDate
  /// The code of what it became; the same where only the name changed.
  package let successor: RegionCode

  private init?(_ code: String, _ name: String, until lastDay: String, became successor: String) {
    guard let code = RegionCode(code), let lastDay = CivilDate(lastDay),
      let successor = RegionCode(successor)
    else { return nil }
    self.code = code
    self.name = name
    self.lastDay = lastDay
    self.successor = successor
  }

  /// The changes since 2014, the earliest first.
  package static let all: [FormerRegion] = [
    FormerRegion("210112", "东陵区", until: "2014-06-16", became: "210112"),
    FormerRegion("210282", "普兰店市", until: "2015-10-12", became: "210214"),
    FormerRegion("210122", "辽中县", until: "2016-01-06", became: "210115"),
    FormerRegion("211121", "大洼县", until: "2016-03-19", became: "211104"),
  ].compactMap { $0 }
}

extension RegionCode {
  /// The name on a day, without what it lies in.
  ///
  /// Empty for codes that Liaoning never had or that had ended by then. Changes before 2014 are not
  /// kept.
  ///
  /// - Parameter day: The day in question.
  /// - Returns: The name in Chinese, or an empty text.
  package func name(on day: CivilDate) -> String {
    let former = FormerRegion.all.filter { $0.code == self && day <= $0.lastDay }
    if let former = former.first { return former.name }
    let isTooEarly = FormerRegion.all.contains {
      $0.successor == self && $0.code != self && day <= $0.lastDay
    }
    return isTooEarly ? "" : name
  }
}
