internal import ArgumentParser
internal import RegistryAPI
internal import SwiftProtobuf

/// Writes what the rows of a benchmark's filings hold as bytes, in hexadecimal: the content on the first line, then a line for
/// each party that signed, its code and itself.
struct FilingParts: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "filing-parts",
    abstract: "Write the content and the parties of a benchmark's filings, in hexadecimal."
  )

  func run() throws {
    let (first, second) = (
      Self.person("赵测试一", "210101190101010015", "13810000001"),
      Self.person("钱测试二", "210101190101010023", "13810000002")
    )
    let content: [UInt8] = try Self.content(first, second).serializedBytes()
    print(Self.hexadecimal(content))
    for person in [first, second] {
      let party: [UInt8] = try Liaoning_Registry_V1_Party.with {
        $0.person = person
      }.serializedBytes()
      print(person.identityNumber, Self.hexadecimal(party))
    }
  }

  private static func person(
    _ name: String,
    _ number: String,
    _ mobile: String
  ) -> Liaoning_Registry_V1_NaturalPerson {
    .with {
      $0.fullName = name
      $0.identityNumber = number
      $0.mobileNumber = mobile
    }
  }

  /// A limited company of two shareholders, as its applicant fills it in.
  private static func content(
    _ first: Liaoning_Registry_V1_NaturalPerson,
    _ second: Liaoning_Registry_V1_NaturalPerson
  ) -> Liaoning_Registry_V1_FilingContent {
    .with {
      $0.entityType = "1130"
      $0.domicileRegionCode = "210102"
      $0.domicile = "辽宁省沈阳市和平区试验一路1号A座101室"
      $0.scopeItems = [("软件开发", "6513"), ("信息技术咨询服务", "6560")].map { item in
        .with { ($0.text, $0.industryClass) = item }
      }
      $0.liaison = second
      $0.company = .with {
        $0.registeredCapitalFen = 100_000_000
        $0.shareholders = [first, second].map { person in
          .with {
            $0.party.person = person
            $0.contributionFen = 50_000_000
            $0.dueDate = "2030-12-31"
          }
        }
        $0.legalRepresentative = first
        $0.directors = [first]
        $0.supervisors = [second]
        $0.manager = first
        $0.charterText = """
          第一条 依照《中华人民共和国公司法》，由股东出资设立本公司。
          第二条 股东以其认缴的出资额为限对公司承担责任。
          第三条 股东会会议应当于召开十五日前通知全体股东。
          第四条 公司的利润依照股东实缴的出资比例分配。
          第五条 本章程自公司成立之日起生效。
          """
      }
    }
  }

  private static func hexadecimal(_ bytes: [UInt8]) -> String {
    let digits = Array("0123456789abcdef".unicodeScalars)
    var text = String.UnicodeScalarView()
    for byte in bytes {
      text.append(digits[Int(byte >> 4)])
      text.append(digits[Int(byte & 15)])
    }
    return String(text)
  }
}
