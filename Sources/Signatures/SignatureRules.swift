internal import APIConventions
internal import Foundation
internal import RegistryAPI
internal import ShangMi
internal import SwiftProtobuf

/// What a signer states: parsed, and compared with the task that it claims to be about.
///
/// Source: Electronic Signature Law, art. 13: the statement binds the signature to one document, one
/// signer and one time, so that a later change of any of them shows.
struct SignatureStatement {
  /// The most bytes of a statement.
  static let byteLimit = 256 * 1_024
  /// How far the signer's clock may be from the server's, in seconds, both ways.
  static let clockToleranceSeconds: TimeInterval = 600
  /// How many strokes a handwriting has.
  static let strokeRange = 1...200
  /// How many points a stroke has.
  static let pointRange = 1...2_000
  /// The most points of all strokes together.
  static let pointLimit = 10_000
  /// The most characters of the device's description.
  static let deviceLimit = 200

  /// The message's full name, which is part of what is signed.
  static let messageName = Liaoning_Registry_V1_DocumentStatement.protoMessageName

  /// The statement as it was sent.
  let bytes: [UInt8]
  private let proto: Liaoning_Registry_V1_DocumentStatement

  /// Parses a statement.
  ///
  /// - Throws: `statementMismatch` if it is empty, too long, or not a DocumentStatement.
  init(_ bytes: [UInt8]) throws(SignatureError) {
    guard (1...Self.byteLimit).contains(bytes.count) else {
      throw .statementMismatch([
        Self.violation("", "STATEMENT_LENGTH_UNLAWFUL", "签名声明须为1至262144字节。")
      ])
    }
    guard let proto = try? Liaoning_Registry_V1_DocumentStatement(serializedBytes: bytes) else {
      throw .statementMismatch([Self.violation("", "STATEMENT_MALFORMED", "签名声明无法解析。")])
    }
    self.bytes = bytes
    self.proto = proto
  }

  /// Everything in which the statement does not fit the task, its signer, the time, or the bounds of
  /// a handwriting.
  ///
  /// - Parameters:
  ///   - task: The task that is to be signed.
  ///   - signer: The caller's account.
  ///   - instant: The time now, by the server's clock.
  /// - Returns: The violations; empty if it fits.
  func violations(against task: SignatureTask, by signer: RegionalID, at instant: Date)
    -> [Violation]
  {
    var found: [Violation] = []
    if proto.task != task.name {
      found.append(Self.violation("task", "STATEMENT_TASK_MISMATCH", "签名声明所指的任务不是本任务。"))
    }
    if Array(proto.documentSm3) != task.document.pdfSM3.bytes {
      found.append(
        Self.violation("document_sm3", "STATEMENT_DOCUMENT_MISMATCH", "签名声明所指的文书不是本任务的文书。")
      )
    }
    if proto.signer != signer.name(in: "accounts") {
      found.append(Self.violation("signer", "STATEMENT_SIGNER_MISMATCH", "签名声明的签名人不是当前账户。"))
    }
    let roles = proto.roles.compactMap(SignatureRole.init(proto:))
    if roles.count != proto.roles.count || roles.count != task.roles.count
      || Set(roles) != Set(task.roles)
    {
      found.append(Self.violation("roles", "STATEMENT_ROLES_MISMATCH", "签名声明的身份与任务要求的身份不一致。"))
    }
    let signTime = proto.hasSignTime ? Date(lawful: proto.signTime) : nil
    if signTime.map({ abs($0.timeIntervalSince(instant)) > Self.clockToleranceSeconds }) ?? true {
      found.append(
        Self.violation("sign_time", "STATEMENT_TIME_MISMATCH", "签名时间与服务器时间相差不得超过10分钟，请校准设备时钟后重签。")
      )
    }
    if proto.device.unicodeScalars.count > Self.deviceLimit {
      found.append(Self.violation("device", "STATEMENT_DEVICE_TOO_LONG", "设备说明不得超过200个字符。"))
    }
    return found + strokeViolations
  }

  /// Everything in which the handwriting leaves its bounds; at most one violation a kind.
  private var strokeViolations: [Violation] {
    guard Self.strokeRange.contains(proto.strokes.count) else {
      return [Self.violation("strokes", "STROKE_COUNT_UNLAWFUL", "手写签名须有1至200笔。")]
    }
    var found: [Violation] = []
    for (index, stroke) in proto.strokes.enumerated()
    where !Self.pointRange.contains(stroke.points.count) {
      found.append(
        Self.violation("strokes[\(index)].points", "POINT_COUNT_UNLAWFUL", "每一笔须有1至2000个点。")
      )
      break
    }
    let points = proto.strokes.flatMap(\.points)
    if points.count > Self.pointLimit {
      found.append(Self.violation("strokes", "POINT_TOTAL_UNLAWFUL", "手写签名的点总数不得超过10000。"))
    }
    if !points.allSatisfy(Self.isInRange) {
      found.append(
        Self.violation(
          "strokes",
          "POINT_OUT_OF_RANGE",
          "坐标须为0至10000，时间须为0至600000毫秒，压力须为0至1000。"
        )
      )
    }
    if zip(points, points.dropFirst()).contains(where: { $0.offsetMs > $1.offsetMs }) {
      found.append(Self.violation("strokes", "POINT_TIME_FALLS", "各点的时间不得倒退。"))
    }
    return found
  }

  private static func isInRange(_ point: Liaoning_Registry_V1_StrokePoint) -> Bool {
    (0...10_000).contains(point.x) && (0...10_000).contains(point.y)
      && (0...600_000).contains(point.offsetMs) && (0...1_000).contains(point.pressure)
  }

  private static func violation(_ field: String, _ rule: String, _ text: String) -> Violation {
    Violation(
      field: field.isEmpty ? "statement" : "statement.\(field)",
      rule: rule,
      description: text,
      basis: "电子签名法第十三条"
    )
  }
}
