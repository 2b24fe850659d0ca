internal import Foundation
internal import Testing

@testable internal import Ledger

@Suite("The details of an event")
struct EventDetailsTests {
  @Test(
    "are JSON with sorted keys, whatever they hold",
    arguments: [
      [:], ["state": "accepted"], ["b": "2", "a": "1", "a_b": "3"],
      ["number": "（辽沈）登记内设字〔2026〕第000001号"],
      ["quote\"": "back\\slash", "line": "one\ntwo\r\tthree", "slash": "a/b"],
      ["control": "\u{1}\u{1f}\u{7f}\u{8}\u{c}", "emoji": "👨‍👩‍👧e\u{301}", "mixed": "字\"\u{0}字"],
    ]
  )
  func sortedJSON(details: [String: String]) throws {
    let text = details.sortedJSON
    #expect(try JSONDecoder().decode([String: String].self, from: Data(text.utf8)) == details)
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let general = String(decoding: try encoder.encode(details), as: UTF8.self)
    #expect(text == general)
  }
}
