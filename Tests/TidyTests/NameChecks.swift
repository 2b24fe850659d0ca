extension Check {
  /// Names that say what a thing is.
  static let names = [
    Check(
      "no type, file or folder is called Utils, Helpers, Common, Manager or Base",
      bad: [
        ["Sources/Names/A.swift": "struct NameHelper {"], ["Sources/Names/NameUtils.swift": ""],
        ["Sources/Common/A.swift": ""], ["Protos/x/common.proto": ""],
        ["Sources/Names/A.swift": "  package final class PoolManager<A> {"],
      ],
      good: [
        ["Sources/Postgres/Database.swift": "struct Database {\nstruct Base64 {\nlet manager = 1"]
      ]
    ) { house, rule in
      house.files.flatMap { file in
        let parts = file.path.split(separator: "/").flatMap { $0.split(separator: ".") }
        let isNamed = parts.contains { hasEmptyWord(String($0)) }
        let declared = file.code.enumerated().filter { _, line in
          declaration.groups(in: line).contains { hasEmptyWord($0[2]) }
        }
        return (isNamed ? [Finding(path: file.path, line: 0, rule: rule)] : [])
          + declared.map { Finding(path: file.path, line: $0.offset + 1, rule: rule) }
      }
    },
    Check(
      "no folder is named after history: New, Old, V2",
      bad: [["Sources/NewNames/A.swift": ""], ["Sources/Names/V2/A.swift": ""]],
      good: [["Sources/News/A.swift": ""], ["Protos/liaoning/registry/v1/a.proto": ""]]
    ) { house, rule in
      house.files.filter { file in
        file.path.split(separator: "/").dropLast().flatMap { words(String($0)) }
          .contains { ["New", "Old", "Legacy", "V2", "V3"].contains($0) }
      }.map { Finding(path: $0.path, line: 0, rule: rule) }
    },
  ]

  private static var declaration: Pattern {
    Pattern(#"\b(struct|class|enum|protocol|actor|typealias)\s+(\w+)"#)
  }

  private static func hasEmptyWord(_ name: String) -> Bool {
    let empty = ["util", "utils", "helper", "helpers", "common", "manager", "base"]
    return words(name).contains { empty.contains($0.lowercased()) }
  }

  /// `NameHelper` as `Name`, `Helper`; digits belong to the word before them.
  private static func words(_ name: String) -> [String] {
    Pattern(#"[A-Z]+[a-z0-9]*|[a-z0-9]+"#).groups(in: name).map { $0[0] }
  }
}
