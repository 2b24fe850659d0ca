extension Check {
  /// Where things stand.
  static let layout = [
    Check(
      "each module has a front page",
      bad: [
        ["Sources/Names/A.swift": ""], ["Sources/CPango/module.modulemap": ""],
        ["Clients/c/a.c": ""],
      ],
      good: [["Sources/Names/A.swift": "", "Sources/Names/README.md": "# Names"]]
    ) { house, rule in
      ["Sources", "Clients"].flatMap { area in
        house.modules(in: area).map { "\(area)/\($0)/README.md" }
          .filter { house.file($0) == nil }.map { Finding(path: $0, line: 0, rule: rule) }
      }
    },
    Check(
      "the map in Sources/README.md names every folder of Sources and Clients",
      bad: [
        ["Sources/README.md": "Names", "Sources/Names/A.swift": "", "Sources/Filings/A.swift": ""],
        ["Sources/README.md": "OldNames", "Sources/Names/A.swift": ""],
        ["Sources/Names/A.swift": ""],
      ],
      good: [["Sources/README.md": "`Names`", "Sources/Names/A.swift": ""]]
    ) { house, rule in
      let folders = house.modules(in: "Sources") + house.modules(in: "Clients")
      guard let map = house.file("Sources/README.md") else {
        return folders.isEmpty ? [] : [Finding(path: "Sources/README.md", line: 0, rule: rule)]
      }
      return folders.filter { !Pattern(#"(?<!\w)\#($0)(?!\w)"#).matches(map.text) }
        .map { Finding(path: "Sources/README.md", line: 0, rule: "\(rule): \($0)") }
    },
    Check(
      "each room has the files of the style guide",
      bad: [
        room("Names", without: "NameService.swift"), room("Names", without: "NameMapping.swift"),
        room("Names", without: "NameStore.swift"), room("Names", without: "NameError.swift"),
        room("Names", without: "NameRules.swift"), room("Names", without: "Migrations.swift"),
        room("Entities", without: "EntityStore.swift"),
      ],
      good: [
        room("Names", without: ""),
        room("Entities", without: "EntityService.swift").filter {
          !$0.key.hasSuffix("Mapping.swift")
        },
      ]
    ) { house, rule in
      HousePlan.rooms.flatMap { room in
        let names = house.files.filter { $0.area == "Sources" && $0.module == room }.map(\.name)
        guard !names.isEmpty else { return [Finding]() }
        return roomFiles(room).filter { wanted in !names.contains { $0.hasSuffix(wanted) } }
          .map { Finding(path: "Sources/\(room)/…\($0)", line: 0, rule: rule) }
      }
    },
    Check(
      "each module has its tests",
      bad: [["Sources/Names/A.swift": ""], ["Clients/registryctl/A.swift": ""]],
      good: [
        ["Sources/Names/A.swift": "", "Tests/NamesTests/A.swift": ""],
        ["Clients/registryctl/A.swift": "", "Tests/RegistryctlTests/A.swift": ""],
        ["Sources/registryd/main.swift": "", "Sources/CPango/module.modulemap": ""],
      ]
    ) { house, rule in
      // Generated, only a main, or tested through what it serves or writes.
      let without = [
        "RegistryAPI", "registryd", "PartnerSimulators", "protoc-gen-registryctl",
        "protoc-gen-grpc-swift-unary",
      ]
      let tests = house.modules(in: "Tests")
      let modules = house.swift(under: "Sources", "Clients").filter { $0.module != "" }
      return Set(modules.map { "\($0.area)/\($0.module)" }).sorted().filter { path in
        let module = path.split(separator: "/").last.map(String.init) ?? ""
        let suite = module.prefix(1).uppercased() + module.dropFirst() + "Tests"
        return !without.contains(module) && !tests.contains(suite)
      }.map { Finding(path: $0, line: 0, rule: rule) }
    },
  ]

  /// The endings of the files that a room has.
  private static func roomFiles(_ room: String) -> [String] {
    let adapter = ["\(HousePlan.singular(room))Service.swift", "Mapping.swift"]
    // The register itself has no service of its own.
    return (room == "Entities" ? [] : adapter)
      + ["Rules.swift", "Store.swift", "Error.swift", "Migrations.swift", "README.md"]
  }

  /// A sample room lacking one file.
  private static func room(_ name: String, without missing: String) -> [String: String] {
    let thing = HousePlan.singular(name)
    let files = ["Service", "Mapping", "Rules", "Store", "Error"].map { "\(thing)\($0).swift" }
    let all = files + ["Migrations.swift", "README.md"]
    return Dictionary(
      uniqueKeysWithValues: all.filter { $0 != missing }.map { ("Sources/\(name)/\($0)", "") }
    )
  }
}
