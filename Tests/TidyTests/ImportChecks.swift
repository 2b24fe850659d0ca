extension Check {
  /// Who may know whom.
  static let imports = [
    Check(
      "every import states its access",
      bad: [
        ["Sources/Names/A.swift": "import Foundation"],
        ["Tests/NamesTests/A.swift": "@testable import Names"],
      ],
      good: [["Sources/Names/A.swift": "internal import A\n@testable internal import struct B.C"]]
    ) { house, rule in
      house.swift(under: "Sources", "Clients", "Tests").flatMap { file in
        file.imports.filter { !$0.hasAccess }
          .map { Finding(path: file.path, line: $0.line, rule: rule) }
      }
    },
    Check(
      "a C library is imported by its owners only",
      bad: [
        ["Sources/Names/A.swift": "internal import CLibPQ"],
        ["Sources/CNew/module.modulemap": "", "Sources/Names/A.swift": "internal import CNew"],
        ["Tests/RenderingTests/A.swift": "internal import CPango"],
      ],
      good: [["Sources/Postgres/A.swift": "internal import CLibPQ\ninternal import Crypto"]]
    ) { house, rule in
      let maps = house.files.filter { $0.name == "module.modulemap" }.map(\.module)
      return house.swift(under: "Sources", "Clients", "Tests").flatMap { file in
        file.imports.filter { found in
          let isLibrary = maps.contains(found.module) || HousePlan.owners[found.module] != nil
          return isLibrary && HousePlan.owners[found.module]?.contains(file.module) != true
        }.map { Finding(path: file.path, line: $0.line, rule: "\(rule): \($0.module)") }
      }
    },
    Check(
      "a module imports only what stands before it",
      bad: [
        ["Sources/Names/A.swift": "internal import Filings"],
        ["Sources/Ledger/A.swift": "internal import Names"],
        ["Sources/Postgres/A.swift": "internal import Vocabulary"],
        ["Sources/Reviews/A.swift": "internal import RegistryServer"],
      ],
      good: [
        ["Sources/Reviews/A.swift": "internal import Filings\ninternal import Ledger"],
        ["Sources/Identity/A.swift": "internal import GRPCNghttp2Transport"],
        ["Sources/RegistryServer/A.swift": "internal import Archives"],
      ]
    ) { house, rule in
      house.swift(under: "Sources").flatMap { file in
        let later = later(than: file.module)
        return file.imports.filter { later.contains($0.module) }
          .map { Finding(path: file.path, line: $0.line, rule: "\(rule): \($0.module)") }
      }
    },
    Check(
      "Package.swift lists the rooms in the order in which data flows",
      bad: [["Package.swift": "  room(\"Names\")\n  + room(\"Accounts\")"]],
      good: [["Package.swift": "  room(\"Accounts\")\n  + room(\"Names\", after: \"Accounts\")"]]
    ) { house, rule in
      let listed = Pattern(#"\broom\(\s*"(\w+)""#)
        .groups(in: house.file("Package.swift")?.text ?? "").map { $0[1] }
      let isInOrder = listed == HousePlan.rooms.filter { listed.contains($0) }
      return isInOrder ? [] : [Finding(path: "Package.swift", line: 0, rule: rule)]
    },
    Check(
      "`public` only in RegistryAPI, RegistryClient, GRPCNghttp2Transport and EventLoops",
      bad: [["Sources/Names/A.swift": "  public func f() {}"]],
      good: [
        ["Sources/EventLoops/A.swift": "public struct A {}"],
        ["Sources/Names/A.swift": "package struct A {} // public\nlet isPublic = a.public"],
      ]
    ) { house, rule in
      let open = ["RegistryAPI", "RegistryClient", "GRPCNghttp2Transport", "EventLoops"]
      return house.swift(under: "Sources", "Clients").filter { !open.contains($0.module) }
        .flatMap { $0.findings(#"(^|\s)public(\(set\))?\s+\w"#, rule, in: $0.code) }
    },
  ]

  /// The modules that a module may not import.
  private static func later(than module: String) -> [String] {
    if let index = HousePlan.rooms.firstIndex(of: module) {
      return HousePlan.rooms[(index + 1)...] + HousePlan.above + ["GRPCNghttp2Transport"]
    }
    if HousePlan.groundFloor.contains(module) { return HousePlan.rooms + HousePlan.above }
    if HousePlan.machine.contains(module) {
      return HousePlan.groundFloor + HousePlan.rooms + HousePlan.above
    }
    return []
  }
}

extension HouseFile {
  /// The imports of this file.
  fileprivate var imports: [(line: Int, module: String, hasAccess: Bool)] {
    let pattern = Pattern(
      #"^\s*(@\w+(\([^)]*\))?\s+)*((public|package|internal|fileprivate|private)\s+)?import\s+((struct|class|enum|protocol|func|var|let|typealias|actor)\s+)?(\w+)"#
    )
    return code.enumerated().flatMap { index, line in
      line.contains("import")
        ? pattern.groups(in: line).map { (index + 1, $0[7], !$0[4].isEmpty) } : []
    }
  }
}
