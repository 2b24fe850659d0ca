extension Check {
  /// SQL in its place.
  static let sql = [
    Check(
      "SQL stands in a store, in Postgres, in Ledger, in Outbox or in APIConventions",
      bad: [
        ["Sources/Names/NameService.swift": "f(\"SELECT a FROM b\")"],
        ["Sources/RegistryServer/A.swift": "f(\n\"\"\"\nUPDATE names.name\nSET a = 1\n\"\"\"\n)"],
        ["Sources/Names/A.swift": "f(\"WITH a AS (\")"],
      ],
      good: [
        ["Sources/Names/NameStore.swift": "f(\"SELECT a FROM b\")"],
        ["Sources/Names/NameStore+Search.swift": "f(\"SELECT a FROM b\")"],
        ["Sources/Ledger/A.swift": "f(\"SELECT a FROM b\")"],
        ["Sources/Names/A.swift": "// SELECT a FROM b\nf(\"Select one. UPDATE is a verb\")"],
      ]
    ) { house, rule in
      let open = ["Postgres", "Ledger", "Outbox", "APIConventions"]
      return house.swift(under: "Sources").filter { file in
        let stem = file.name.split(separator: ".")[0].split(separator: "+")[0]
        return !open.contains(file.module) && !stem.hasSuffix("Store")
      }.flatMap { file in
        file.literals(
          #"\bSELECT\s+\S+.*\sFROM\b|\bSELECT\s+[\w.]+\(|\bINSERT INTO\b|\bUPDATE\s+\w+\.\w+|\bDELETE FROM\b|\bMERGE INTO\b|\bWITH\s+\w+\s+AS\b|\b(CREATE|ALTER|DROP)\s+(TABLE|SCHEMA|TYPE|INDEX|FUNCTION|ROLE|DATABASE)\b|\bTRUNCATE\s+\w+\."#
        ).map { Finding(path: file.path, line: $0.line, rule: rule) }
      }
    },
    Check(
      "SQL lists its columns: no `SELECT *`, no `RETURNING *`",
      bad: [
        ["Sources/Names/NameStore.swift": "f(\"SELECT * FROM names.name\")"],
        ["Sources/Names/NameStore.swift": "f(\"SELECT n.* FROM names.name n\")"],
        ["Sources/Names/Migrations/V0001__names_create.sql": "x\nINSERT INTO a SELECT\n* FROM b"],
        ["Sources/Outbox/A.swift": "f(\"DELETE FROM a RETURNING *\")"],
      ],
      good: [["Sources/Names/NameStore.swift": "f(\"SELECT count(*), 2 * 3 FROM names.name\")"]]
    ) { house, rule in
      let pattern = #"\b(SELECT|RETURNING)\s+(DISTINCT\s+)?(\w+\.)?\*"#
      let stores = house.swift(under: "Sources").flatMap { file in
        file.literals(pattern).map { Finding(path: file.path, line: $0.line, rule: rule) }
      }
      let migrations = house.migrations.filter { Pattern(pattern).matches($0.text) }
      return stores + migrations.map { Finding(path: $0.path, line: 0, rule: rule) }
    },
  ]
}

extension HouseFile {
  /// The literals that a pattern matches.
  func literals(_ pattern: String) -> [SwiftText.Piece] {
    let pattern = Pattern(pattern)
    return (swift?.literals ?? []).filter { pattern.matches($0.text) }
  }
}
