extension Check {
  /// Migrations, and what every table of governed rows carries.
  static let migrations = [
    Check(
      "a migration is named V0001__room_what.sql after the module it lives in",
      bad: [
        ["Sources/Names/Migrations/V1__names_create.sql": ""],
        ["Sources/Names/Migrations/V0001__filings_create.sql": ""],
        ["Sources/Names/V0001__names_create.sql": ""],
        ["Sources/Names/Migrations/V0001__names.sql": ""],
      ],
      good: [["Sources/Names/Migrations/V0001__names_add_keys.sql": ""]]
    ) { house, rule in
      house.files.filter { $0.area == "Sources" && $0.path.hasSuffix(".sql") }.filter { file in
        let room = file.module.lowercased()
        return !Pattern(#"^Sources/\w+/Migrations/V\d{4}__\#(room)_[a-z0-9_]+\.sql$"#).matches(
          file.path
        )
      }.map { Finding(path: $0.path, line: 0, rule: rule) }
    },
    Check(
      "migrations are numbered once across the house, from 1 without a gap",
      bad: [
        migration(2, "names", ""),
        migration(1, "names", "").merging(migration(1, "filings", "")) { $1 },
        migration(1, "names", "").merging(migration(3, "names", "")) { $1 },
      ],
      good: [migration(1, "names", "").merging(migration(2, "filings", "")) { $1 }]
    ) { house, rule in
      let numbered = house.migrations.compactMap { file in file.number.map { (file, $0) } }
        .sorted { $0.1 < $1.1 }
      return numbered.enumerated().filter { $0.element.1 != $0.offset + 1 }
        .prefix(1).map { Finding(path: $0.element.0.path, line: 0, rule: rule) }
    },
    Check(
      "a migration begins by saying what it owns and needs: `-- V0001: names. Owns …`",
      bad: [
        migration(1, "names", "CREATE SCHEMA names;"),
        migration(1, "names", "-- V0002: names. Owns names.name."),
      ],
      good: [migration(1, "names", "-- V0001: names. Owns names.name. Needs nothing.\n")]
    ) { house, rule in
      house.migrations.filter { file in
        let start = "-- " + file.name.prefix(5) + ": " + file.module.lowercased() + "."
        return !file.text.hasPrefix(start)
      }.map { Finding(path: $0.path, line: 1, rule: rule) }
    },
    Check(
      "a migration makes things in its own room's schema",
      bad: [
        migration(1, "names", "CREATE TABLE filings.filing (\n  a int\n);"),
        migration(1, "names", "CREATE TABLE filing (\n  a int\n);"),
        migration(1, "names", "ALTER TABLE filings.filing ADD a int;"),
      ],
      good: [
        migration(
          1,
          "names",
          "CREATE TABLE names.name (a int);\nCREATE TYPE names.state AS ENUM ();"
        )
      ]
    ) { house, rule in
      house.migrations.flatMap { file in
        file.findings(
          #"^\s*(CREATE|ALTER|DROP)\s+(UNLOGGED\s+)?(TABLE|TYPE|VIEW|SEQUENCE)\s+(IF\s+(NOT\s+)?EXISTS\s+)?(ONLY\s+)?(?!\#(file.module.lowercased())\.)\S"#,
          rule,
          in: file.sqlLines
        )
      }
    },
    Check(
      "a governed table (region_code and version) has a deferrable foreign key to ledger.event",
      bad: [
        migration(1, "names", governed.replacing("DEFERRABLE INITIALLY DEFERRED", with: "")),
        migration(1, "names", governed.replacing("ledger.event", with: "names.event")),
      ],
      good: [
        migration(1, "names", governed),
        migration(
          1,
          "names",
          "CREATE TABLE names.name (\n  region_code integer,\n  row_version int\n);"
        ),
        migration(1, "names", "CREATE TABLE names.rule (\n  version bigint\n);"),
      ]
    ) { house, rule in
      house.migrations.flatMap { file in
        file.governedTables.filter { table in
          !Pattern(#"REFERENCES\s+ledger\.event\b[^,;]*(\([^)]*\))?[^,;]*\bDEFERRABLE\b"#)
            .matches(table.body)
        }.map { Finding(path: file.path, line: $0.line, rule: "\(rule): \($0.name)") }
      }
    },
    Check(
      "a governed table has a trigger on ledger.require_next_version",
      bad: [
        migration(
          1,
          "names",
          governed.replacing("INSERT OR UPDATE OR DELETE ON", with: "INSERT ON")
        )
      ],
      good: [migration(1, "names", governed)]
    ) { house, rule in
      house.migrations.flatMap { file in
        file.governedTables.filter { table in
          !Pattern(
            #"BEFORE INSERT OR UPDATE OR DELETE ON \#(table.name)\s+FOR EACH ROW\s+EXECUTE FUNCTION ledger\.require_next_version\(\)"#
          ).matches(file.sqlText)
        }.map { Finding(path: file.path, line: $0.line, rule: "\(rule): \($0.name)") }
      }
    },
  ]

  private static func migration(_ number: Int, _ room: String, _ text: String) -> [String: String] {
    let module = room.prefix(1).uppercased() + room.dropFirst()
    return ["Sources/\(module)/Migrations/V000\(number)__\(room)_create.sql": text]
  }

  private static var governed: String {
    """
    CREATE TABLE names.name (
      region_code integer NOT NULL,
      name_id     uuid    NOT NULL,
      version     bigint  NOT NULL DEFAULT 1 CHECK (version > 0), -- grows (by 1)
      PRIMARY KEY (region_code, name_id),
      CONSTRAINT a_change_has_its_event FOREIGN KEY (region_code, name_id, version)
        REFERENCES ledger.event (region_code, subject_id, subject_version) DEFERRABLE INITIALLY DEFERRED
    );
    CREATE TRIGGER name_takes_the_next_version BEFORE INSERT OR UPDATE OR DELETE ON names.name
      FOR EACH ROW EXECUTE FUNCTION ledger.require_next_version();
    """
  }
}

extension House {
  /// All migrations.
  var migrations: [HouseFile] {
    files.filter {
      $0.area == "Sources" && $0.path.contains("/Migrations/") && $0.path.hasSuffix(".sql")
    }
  }
}

extension HouseFile {
  /// A `CREATE TABLE` with what stands between its parentheses.
  struct Table {
    let name: String
    let line: Int
    let body: String
  }

  /// The migration's number.
  fileprivate var number: Int? {
    Pattern(#"^V(\d+)__"#).groups(in: name).first.flatMap { Int($0[1]) }
  }
  /// The text without comments to the end of the line.
  fileprivate var sqlLines: [String] {
    lines.map { line in
      line.firstRange(of: "--").map { String(line[..<$0.lowerBound]) } ?? String(line)
    }
  }
  fileprivate var sqlText: String { sqlLines.joined(separator: "\n") }

  /// The tables that this migration makes.
  fileprivate var tables: [Table] {
    let start = Pattern(#"^\s*CREATE\s+(UNLOGGED\s+)?TABLE\s+(IF NOT EXISTS\s+)?([\w.]+)"#)
    let lines = sqlLines
    return lines.enumerated().compactMap { index, line in
      guard let name = start.groups(in: line).first?[3] else { return nil }
      let rest = lines[index...].joined(separator: "\n")
      let body = rest.prefix { $0 != ";" }
      return Table(name: name, line: index + 1, body: String(body))
    }
  }

  /// The tables whose rows belong to a region and count their versions.
  fileprivate var governedTables: [Table] {
    tables.filter { table in
      ["region_code", "version"].allSatisfy { Pattern(#"^\s*\#($0)\s"#).matches(table.body) }
    }
  }
}
