internal import Foundation
internal import RegistryAPI

/// Tells a journey as it happens: lines for people, or one JSON object a line for programs.
struct Narrator: Sendable {
  /// Whether programs listen.
  let isForPrograms: Bool

  /// A scenario begins.
  func begin(_ scenario: Scenario, file: String) {
    if isForPrograms {
      object("scenario", [("file", file), ("title", scenario.title)])
    } else {
      say("")
      say(scenario.title)
      if !scenario.about.isEmpty { say(scenario.about) }
      say("")
    }
  }

  /// Something has happened.
  ///
  /// - Parameters:
  ///   - deed: The step; nil for what is done around the steps.
  ///   - who: Who did it.
  ///   - what: What was done.
  ///   - state: What stands now.
  ///   - start: When it began.
  func tell(
    _ deed: Deed?,
    _ who: String,
    _ what: String,
    _ state: String = "",
    since start: ContinuousClock.Instant
  ) {
    let milliseconds = (ContinuousClock.now - start) / .milliseconds(1)
    if isForPrograms {
      object(
        "step",
        [
          ("do", deed?.rawValue ?? ""), ("who", who), ("what", what), ("state", state),
        ],
        [("step", "\(deed?.number ?? 0)"), ("milliseconds", Self.rounded(milliseconds))]
      )
      return
    }
    let time = Self.rounded(milliseconds) + " ms"
    say(
      (deed.map { "\($0.number) " } ?? "· ") + TextWidth.padded(deed?.rawValue ?? "around", to: 9)
        + TextWidth.padded(PeopleText.clean(who), to: 22) + " "
        + TextWidth.padded(PeopleText.clean(what), to: 62) + " "
        + TextWidth.padded(state, to: 20)
        + String(repeating: " ", count: max(1, 10 - time.count)) + time
    )
  }

  /// A scenario has ended as it should.
  func finish(_ scenario: Scenario, _ findings: Findings, since start: ContinuousClock.Instant) {
    let milliseconds = Self.rounded((ContinuousClock.now - start) / .milliseconds(1))
    if isForPrograms {
      object(
        "end",
        [("title", scenario.title)] + findings.pairs,
        [("milliseconds", milliseconds)],
        [("passed", true)]
      )
      return
    }
    if let face = findings.license?.face { tell(face, findings) }
    say("")
    say("Ended as it should: \(scenario.title) (\(milliseconds) ms)")
    let lines = findings.whereToLook
    if !lines.isEmpty {
      say("Where to look next:")
      for line in lines { say("  " + line) }
    }
  }

  /// A remark beside the steps, for people only.
  func remark(_ text: String) {
    if !isForPrograms { say(text) }
  }

  private func tell(_ face: Liaoning_Registry_V1_LicenseFace, _ findings: Findings) {
    say("")
    say("营业执照 (business licence)")
    let rows = [
      ("统一社会信用代码", face.creditCode), ("名称", face.enterpriseName),
      ("类型", face.entityTypeName), (face.responsiblePersonLabel, face.responsiblePersonName),
      ("注册资本（成员出资总额）", face.capitalFen == 0 ? "" : Self.yuan(face.capitalFen)),
      ("组成形式", face.compositionForm), ("成立日期", face.establishmentDate),
      ("营业期限至", face.termEndDate), (face.placeLabel, face.place), ("经营范围", face.scope),
      ("登记机关", face.authorityName),
    ]
    for (label, value) in rows where !value.isEmpty {
      say("  " + TextWidth.padded(label, to: 26) + PeopleText.clean(value))
    }
    for line in findings.verdicts { say("  " + line) }
  }

  private static func yuan(_ fen: Int64) -> String {
    let (yuan, rest) = fen.quotientAndRemainder(dividingBy: 100)
    return rest == 0 ? "人民币\(yuan)元" : "人民币\(yuan).\(rest < 10 ? "0" : "")\(rest)元"
  }

  private static func rounded(_ milliseconds: Double) -> String {
    let tenths = Int((milliseconds * 10).rounded())
    return "\(tenths / 10).\(tenths % 10)"
  }

  private func object(
    _ event: String,
    _ texts: [(String, String)],
    _ numbers: [(String, String)] = [],
    _ flags: [(String, Bool)] = []
  ) {
    let members =
      [JSON.Member(name: "event", value: .text(event))]
      + texts.filter { !$0.1.isEmpty }.map { JSON.Member(name: $0.0, value: .text($0.1)) }
      + numbers.map { JSON.Member(name: $0.0, value: .number($0.1)) }
      + flags.map { JSON.Member(name: $0.0, value: .boolean($0.1)) }
    say(JSON.object(members).encoded)
  }

  private func say(_ line: String) {
    Show.line(line)
    fflush(nil)
  }
}

/// What a journey has brought about.
struct Findings: Sendable {
  var reservation = ""
  var filing = ""
  var license: Liaoning_Registry_V1_License?
  var volume = ""
  /// What the bank, the archive and the chain say.
  var verdicts: [String] = []
  /// Files that were saved.
  var files: [String] = []
  /// Commands that show more.
  var commands: [String] = []

  /// The names, for programs.
  var pairs: [(String, String)] {
    [
      ("reservation", reservation), ("filing", filing), ("license", license?.name ?? ""),
      ("serial", license?.serial ?? ""), ("enterprise_name", license?.face.enterpriseName ?? ""),
      ("volume", volume),
    ] + zip(["license_file", "license_pdf", "volume_file"], files).map { ($0, $1) }
  }

  /// Files and commands, for people.
  var whereToLook: [String] { files + commands }
}
