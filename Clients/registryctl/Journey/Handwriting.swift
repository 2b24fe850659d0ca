internal import RegistryAPI
internal import SwiftProtobuf

/// The strokes of a made-up handwriting: the same for the same name, different for others.
enum Handwriting {
  /// The strokes for a name, three a character.
  static func strokes(of name: String) -> [Liaoning_Registry_V1_Stroke] {
    var state = name.unicodeScalars.reduce(UInt64(14_695_981_039_346_656_037)) {
      ($0 ^ UInt64($1.value)) &* 1_099_511_628_211
    }
    var clock: Int32 = 0
    func next(_ bound: Int32) -> Int32 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int32(truncatingIfNeeded: state >> 40) % bound
    }
    return name.prefix(20).enumerated().flatMap { index, _ in
      (0..<3).map { _ in
        var x = Int32(index) * 120 + 20 + abs(next(80))
        var y = 20 + abs(next(80))
        return .with { stroke in
          stroke.points = (0..<12).map { _ in
            x = max(0, x + next(9))
            y = max(0, y + next(9))
            clock += 8 + abs(next(8))
            return .with {
              $0.x = x
              $0.y = y
              $0.offsetMs = clock
              $0.pressure = 300 + abs(next(500))
            }
          }
        }
      }
    }
  }
}
