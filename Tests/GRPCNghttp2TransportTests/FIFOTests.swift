@testable internal import GRPCNghttp2Transport
internal import Testing

@Suite("Queueing")
struct FIFOTests {
  @Test("it gives what an array would, whatever is done to it in turn", arguments: 1...20)
  func order(seed: UInt64) {
    var state = seed &* 0x9E37_79B9_7F4A_7C15
    func draw(_ limit: UInt64) -> Int {
      state ^= state << 13
      state ^= state >> 7
      state ^= state << 17
      return Int(state % limit)
    }
    var queue = FIFO<Int>()
    var model: [Int] = []
    for number in 0..<3000 {
      switch draw(number < 1500 ? 5 : 9) {
      case 0...2:
        queue.append(number)
        model.append(number)
      case 3:
        let changed = queue.withFirst { element in
          element += 1
          return element
        }
        if !model.isEmpty { model[0] += 1 }
        #expect(changed == model.first)
      case 4 where number % 97 == 0:
        queue.removeAll { $0 % 3 == 0 }
        model.removeAll { $0 % 3 == 0 }
      case 5 where number % 89 == 0:
        queue.removeAll()
        model.removeAll()
      default:
        #expect(queue.popFirst() == (model.isEmpty ? nil : model.removeFirst()))
      }
      #expect(queue.first == model.first)
      #expect(queue.count == model.count)
      #expect(queue.isEmpty == model.isEmpty)
    }
    while let element = queue.popFirst() { #expect(element == model.removeFirst()) }
    #expect(model.isEmpty)
  }

  @Test("it lets go of what was taken")
  func release() {
    final class Thing {}
    var queue = FIFO<Thing>()
    weak var first: Thing?
    weak var second: Thing?
    do {
      let things = [Thing(), Thing()]
      (first, second) = (things[0], things[1])
      for thing in things { queue.append(thing) }
    }
    #expect(queue.popFirst() != nil)
    #expect(first == nil)
    #expect(second != nil)
    #expect(queue.popFirst() != nil)
    #expect(second == nil)
  }
}
