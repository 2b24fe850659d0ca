internal import APIConventions
internal import RegistryAPI
internal import SwiftProtobuf
internal import Testing

@testable internal import Reviews

@Suite("Handing in an examination")
struct ExaminationTests {
  private typealias Request = Liaoning_Registry_V1_ExamineFilingRequest

  /// The rules that a request breaks, in their order.
  private func broken(_ change: (inout Request) -> Void) -> [String] {
    var request = Request.with {
      $0.opinion = .approve
      $0.checklist = checklist()
    }
    change(&request)
    do {
      _ = try Examination(request)
      return []
    } catch {
      return error.violations.map(\.rule)
    }
  }

  @Test("each point stands exactly once, in any order")
  func completeness() throws {
    #expect(broken { $0.checklist.reverse() } == [])
    #expect(broken { $0.checklist.removeLast() } == ["CHECKLIST_POINT_MISSING"])
    #expect(broken { $0.checklist.append($0.checklist[0]) } == ["CHECKLIST_POINT_REPEATED"])
    #expect(
      broken { $0.checklist[0].item = "name" }.sorted() == [
        "CHECKLIST_POINT_MISSING", "CHECKLIST_POINT_UNKNOWN",
      ]
    )
    #expect(
      broken { $0.checklist = [] }
        == Array(repeating: "CHECKLIST_POINT_MISSING", count: ChecklistPoint.allCases.count)
    )
    let endless = broken { $0.checklist = Array(repeating: $0.checklist[0], count: 100_000) }
    #expect(endless.count < 100)
  }

  @Test("what is not passed is explained, in at most 500 characters")
  func remarks() {
    #expect(
      broken {
        $0.opinion = .reject
        $0.checklist = checklist(failing: [.name])
        $0.checklist[2].remark = " "
      } == ["CHECKLIST_REMARK_MISSING"]
    )
    for (length, rules) in [(500, []), (501, ["TEXT_LENGTH_UNLAWFUL"])] {
      #expect(broken { $0.remark = String(repeating: "注", count: length) } == rules)
      #expect(broken { $0.checklist[1].remark = String(repeating: "注", count: length) } == rules)
    }
    #expect(broken { $0.remark = "\u{202E}" } == ["TEXT_CHARACTER_UNLAWFUL"])
  }

  @Test("the opinion does not contradict the checklist", arguments: ChecklistPoint.allCases)
  func consistency(point: ChecklistPoint) {
    #expect(
      broken { $0.checklist = checklist(failing: [point]) } == ["OPINION_CONTRADICTS_CHECKLIST"]
    )
    #expect(
      broken {
        $0.opinion = .reject
        $0.checklist = checklist(failing: [point])
      } == []
    )
    #expect(broken { $0.opinion = .reject } == ["OPINION_CONTRADICTS_CHECKLIST"])
  }

  @Test("there is an opinion")
  func opinion() {
    #expect(broken { $0.opinion = .unspecified } == ["OPINION_MISSING"])
    #expect(broken { $0.opinion = .UNRECOGNIZED(7) } == ["OPINION_MISSING"])
  }

  @Test("every violation is told at once")
  func everything() {
    let rules = broken {
      $0.opinion = .approve
      $0.checklist = checklist(failing: [.scope])
      $0.checklist[3].remark = ""
      $0.checklist.removeFirst()
      $0.remark = String(repeating: "注", count: 501)
    }
    #expect(
      Set(rules) == [
        "TEXT_LENGTH_UNLAWFUL", "CHECKLIST_POINT_MISSING", "CHECKLIST_REMARK_MISSING",
        "OPINION_CONTRADICTS_CHECKLIST",
      ]
    )
  }
}
