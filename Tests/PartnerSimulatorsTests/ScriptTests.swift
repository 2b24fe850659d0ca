internal import Foundation
internal import Testing

@testable internal import PartnerSimulators

@Suite("The partners' script")
struct ScriptTests {
  @Test("the program carries the persons and entities of the test data")
  func bundled() throws {
    let script = try PartnerScript.bundled()
    #expect(script.persons.count == 20)
    #expect(script.persons["211201190001140142"]?.codes == ["90", "00"])
    #expect(script.entities.count == 15)
    let entity = try #require(script.entities["91210200XX0000027C"])
    #expect(entity.name == "大连明澈咨询有限公司")
    #expect(entity.legalRepresentative?.name == "周测试五")
    #expect(script.unknownPersonCode == "02")
    #expect(script.unknownEntityCode == "01")
    #expect(script.down.isEmpty && script.delays.isEmpty)
  }

  @Test("switches name a partner, unknown persons a code")
  func switches() throws {
    let script = try PartnerScript(
      parsing: "delay\tmessages\t1500\ndown\tpopulation\nunknown\tpopulation\t00\n# a remark\n\n"
    )
    #expect(script.delays == [.messages: .milliseconds(1_500)])
    #expect(script.down == [.population])
    #expect(script.unknownPersonCode == "00")
  }

  @Test(
    "a line that is no row is refused, by its number",
    arguments: [
      "person\t210101190001010018\t赵测试一",  // no codes
      "person\t210101190001010018\t赵测试一\t",
      "person\t210101190001010018\t赵测试一\t07",
      "person\t210101190001010019\t赵测试一\t00",  // the check digit
      "entity\t91210200XX0000027C\t大连明澈咨询有限公司\t1151\t-\t-\t02",  // ours to find
      "entity\t91210200XX0000027D\t大连明澈咨询有限公司\t1151\t-\t-\t00",  // the check character
      "unknown\tmessages\t00", "unknown\tpopulation\t99", "unknown\tentities\t04",
      "delay\tpopulation\t-1", "delay\tpopulation\t600001", "delay\tnobody\t1", "down\tnobody",
      "down", "person", "?",
    ]
  )
  func brokenLine(line: String) {
    #expect(throws: ScriptError(line: 2, text: line)) {
      try PartnerScript(parsing: "# persons\n\(line)\n")
    }
  }

  @Test("all interpuncts are one; other code points stay as they are")
  func interpuncts() {
    for interpunct in ["\u{B7}", "\u{2022}", "\u{30FB}", "\u{FF0E}"] {
      #expect(PartnerScript.normalized("尤\(interpunct)测试") == "尤·测试")
    }
    #expect(PartnerScript.normalized("㛃测试子.") == "㛃测试子.")
  }
}

@Suite("Replies that are remembered")
struct RepliesTests {
  @Test("the first reply stays; the oldest is forgotten at the limit")
  func limit() {
    var replies = Replies<Int>()
    for number in 0..<Replies<Int>.limit { replies["\(number)"] = number }
    replies["0"] = -1
    #expect(replies["0"] == 0)
    replies["new"] = 1
    #expect(replies["0"] == nil)
    #expect(replies["1"] == 1)
    #expect(replies["new"] == 1)
  }
}
