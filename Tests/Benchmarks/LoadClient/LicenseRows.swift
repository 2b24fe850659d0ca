internal import APIConventions
internal import ArgumentParser
internal import Foundation
internal import RegistryAPI
internal import ShangMi
internal import SwiftProtobuf
internal import Synchronization
internal import Vocabulary

/// Writes licences, each really signed, as rows for COPY: number, credit code, serial, signed file, its seal.
struct LicenseRows: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "license-rows",
    abstract: "Write signed licences to standard output, as rows for COPY."
  )

  @Option(help: "The number of the first.")
  var first = 0
  @Option(help: "How many; none has a number of 100,000,000 or more.")
  var count: Int
  @Option(help: "The registry's SM2 key file.")
  var key: String

  func validate() throws {
    guard first >= 0, count > 0, first <= 100_000_000, count <= 100_000_000 - first else {
      throw ValidationError("--first and --count lead beyond the numbers there are.")
    }
  }

  func run() async throws {
    let key = try KeyFile.read(key)
    let sealing = HMACSHA256(
      key: try key.derivedSecret(for: "liaoning.registry.v1.LicenseFile seal")
    )
    let output = RowOutput()
    try await withThrowingTaskGroup { group in
      let workers = ProcessInfo.processInfo.activeProcessorCount
      for worker in 0..<workers {
        group.addTask {
          for start in stride(from: first + worker * 1_000, to: first + count, by: workers * 1_000)
          {
            let rows = try Self.rows(start..<min(start + 1_000, first + count), key, sealing)
            try output.write(rows)
          }
        }
      }
      try await group.waitForAll()
    }
  }

  private static func rows(
    _ numbers: Range<Int>,
    _ key: SigningKey,
    _ sealing: HMACSHA256
  ) throws -> String {
    var text = ""
    for number in numbers {
      guard
        let code = NumberedCode.code(number),
        let issuer = UnifiedSocialCreditCode.completing("11210100001234567"),
        let serial = LicenseIdentifier(
          type: "11100000MB0143028R001",
          issuer: issuer,
          serial: code,
          version: 1
        )
      else { throw ValidationError("No identifier for licence \(number).") }
      let file = try file(content(code, serial.description, number), key)
      text += "\(number)\t\(code)\t\(serial.description)"
      for bytes in [file, sealing.code(for: file)] {
        text += "\t\\\\x"
        for byte in bytes {
          text.unicodeScalars.append(digits[Int(byte >> 4)])
          text.unicodeScalars.append(digits[Int(byte & 15)])
        }
      }
      text += "\n"
    }
    return text
  }

  private static let digits = Array("0123456789abcdef".unicodeScalars)

  private static func content(
    _ code: String,
    _ serial: String,
    _ number: Int
  ) -> Liaoning_Registry_V1_LicenseContent {
    .with {
      $0.formatVersion = 1
      $0.serial = serial
      $0.version = 1
      $0.face = .with {
        $0.creditCode = code
        $0.enterpriseName = "沈阳试验\(number)软件有限公司"
        $0.entityType = "1130"
        $0.entityTypeName = "有限责任公司（自然人投资或控股）"
        $0.responsiblePersonLabel = "法定代表人"
        $0.responsiblePersonName = "赵测试一"
        $0.capitalFen = 100_000_000
        $0.placeLabel = "住所"
        $0.place = "辽宁省沈阳市和平区试验一路1号A座\(number)室"
        $0.scope = "软件开发；技术服务、技术开发、技术咨询、技术交流、技术转让、技术推广"
        $0.establishmentDate = "2026-11-20"
        $0.authorityCode = "210100"
        $0.authorityName = "沈阳市市场监督管理局"
      }
      $0.issueTime = .init(seconds: 1_795_000_000)
    }
  }

  private static func file(
    _ content: Liaoning_Registry_V1_LicenseContent,
    _ key: SigningKey
  ) throws -> [UInt8] {
    var options = BinaryEncodingOptions()
    options.useDeterministicOrdering = true
    let bytes: [UInt8] = try content.serializedBytes(options: options)
    let message = SignedStatement.bytes(of: "liaoning.registry.v1.LicenseContent", bytes)
    let value = try key.sign(message)
    return try Liaoning_Registry_V1_LicenseFile.with {
      $0.content = Data(bytes)
      $0.signature = .with {
        $0.algorithm = .sm2WithSm3
        $0.distinguishingIdentifier = "1234567812345678"
        $0.value = Data(value)
        $0.publicKey = Data(key.publicKey.der)
      }
    }.serializedBytes()
  }
}

/// Standard output, for one writer at a time.
private final class RowOutput: Sendable {
  private let turn = Mutex(())

  func write(_ text: String) throws {
    try turn.withLock { _ in try FileHandle.standardOutput.write(contentsOf: Data(text.utf8)) }
  }
}
