extension Check {
  /// What ties a file to one machine.
  static let places = [
    Check(
      "no file names a place of one machine",
      bad: [
        ["README.md": "see /wo" + "rk/main"], ["Sources/Names/A.swift": "let a = \"/ro" + "ot/x\""],
        ["Makefile": "cat /tm" + "p/out.log"], ["a.sh": "cd /ho" + "me/me"],
      ],
      good: [
        ["README.md": "network/ and mktemp -d; $TMPDIR/x; https://a.test/work" + "s/ and /tmp"],
        ["Tests/A.swift": "mkdtemp(\"/tm" + "p/test-XXXXXX\")"],
      ]
    ) { house, rule in
      house.files.flatMap {
        $0.findings(
          #"(?<![\w.$}])/(wo"# + #"rk|ro"# + #"ot|ho"# + #"me)/|(?<![\w.$}])/tm"#
            + #"p/(?!.*XXXXXX)\w"#,
          rule,
          in: $0.plainLines
        )
      }
    },
    Check(
      "no file names a package registry's host",
      bad: [
        ["README.md": "from py" + "pi.org"], ["a.sh": "curl https://deb.de" + "bian.org/x"],
        ["b.toml": "proxy.gol" + "ang.org"],
      ],
      good: [["README.md": "from PyPI and Debian, by package name"]]
    ) { house, rule in
      house.files.flatMap {
        $0.findings(
          #"\b(py"# + #"pi\.org|pythonhos"# + #"ted\.org|deb\.de"# + #"bian\.org|registry\.np"#
            + #"mjs\.org|crates\.i"# + #"o\b|proxy\.gol"# + #"ang\.org|repo1?\.mav"#
            + #"en\.org|rubyg"# + #"ems\.org|dock"# + #"er\.io|gh"# + #"cr\.io|artifac"#
            + #"tory|buf\.bu"# + #"ild)"#,
          rule,
          in: $0.plainLines
        )
      }
    },
    Check(
      "no file of the project is a binary, an object or an editor's leaving",
      bad: [["a.o": ""], ["Sources/Names/A.swift.orig": ""], [".DS_Store": ""]],
      good: [["Sources/Names/A.swift": "", "Protos/baseline.binpb": ""]]
    ) { house, rule in
      house.files.filter {
        Pattern(#"\.(o|a|so|orig|rej|swp|pyc)$|~$|\.DS_Store$"#).matches($0.path)
      }
      .map { Finding(path: $0.path, line: 0, rule: rule) }
    },
  ]
}
