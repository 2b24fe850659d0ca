internal import CLinux
@testable internal import GRPCNghttp2Transport
internal import Glibc
internal import Testing

@Suite("Counting what a peer may do")
struct AllowanceTests {
  private let begin = ContinuousClock.now

  @Test("a bucket gives its burst at once, then its rate")
  func bucket() {
    var bucket = TokenBucket(burst: 3, perSecond: 2)
    #expect((0..<4).map { _ in bucket.take(at: begin) } == [true, true, true, false])
    #expect(bucket.take(at: begin + .milliseconds(499)) == false)
    #expect(bucket.take(at: begin + .milliseconds(500)) == true)
    #expect(bucket.take(at: begin + .milliseconds(501)) == false)
    // However long nothing came, no more than the burst is there.
    let later = begin + .seconds(1_000)
    #expect((0..<4).map { _ in bucket.take(at: later) } == [true, true, true, false])
  }

  @Test("progress is judged after a whole period in which something was waited for")
  func progress() {
    var mark: ProgressMark?
    func look(_ seconds: Int, waits: Bool = true, moved: Int) -> Bool {
      ProgressMark.update(
        &mark,
        waits: waits,
        moved: moved,
        atLeast: 100,
        in: .seconds(10),
        now: begin + .seconds(seconds)
      )
    }
    #expect(!look(0, moved: 0))
    #expect(!look(9, moved: 99))
    #expect(look(10, moved: 99))
    // A hundredth byte begins a new period.
    #expect(!look(10, moved: 100))
    #expect(!look(19, moved: 100))
    #expect(!look(19, waits: false, moved: 100))
    #expect(!look(25, moved: 100))
    #expect(look(35, moved: 199))
  }

  private static func key(_ host: String) throws -> AddressKey {
    let address = try #require(SocketAddress(host: host, port: 1))
    var storage = sockaddr_storage()
    address.withSystemAddress { pointer, length in
      withUnsafeMutableBytes(of: &storage) {
        $0.copyBytes(from: UnsafeRawBufferPointer(start: pointer, count: Int(length)))
      }
    }
    return AddressKey(storage)
  }

  @Test("an IPv6 network of 64 bits is one address, a mapped IPv4 address is that address")
  func addresses() throws {
    #expect(try Self.key("2001:db8:1:2::1") == Self.key("2001:db8:1:2:ffff::9"))
    #expect(try Self.key("2001:db8:1:2::1") != Self.key("2001:db8:1:3::1"))
    #expect(try Self.key("::ffff:10.1.2.3") == Self.key("10.1.2.3"))
    #expect(try Self.key("10.1.2.3") != Self.key("10.1.2.4"))
    #expect(try Self.key("::1") != Self.key("10.1.2.4"))
  }

  @Test("connections are counted together and by address, and let in again when one has gone")
  func connections() throws {
    let (one, two) = (try Self.key("10.0.0.1"), try Self.key("10.0.0.2"))
    var count = ConnectionCount(limit: 3, limitOfAddress: 2)
    #expect(count.admit(one) == 1)
    #expect(count.admit(one) == 2)
    #expect(count.admit(one) == nil)
    #expect(count.admit(two) == 3)
    #expect(count.admit(two) == nil)
    count.release(one)
    #expect(count.admit(two) == 4)
    #expect(count.total == 3)
    #expect(count.refused == 2)
  }
}
