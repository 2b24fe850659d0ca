internal import CLinux
internal import Glibc

/// Whose connections are counted together: an IPv4 address, or the first 64 bits of an IPv6 address,
/// of which one host has as many as it likes.
struct AddressKey: Hashable, Sendable {
  private let high: UInt64
  private let low: UInt64

  /// The key of an address as `accept` gives it; that of nobody for other families.
  init(_ address: sockaddr_storage) {
    var (high, low): (UInt64, UInt64) = (0, 0)
    withUnsafeBytes(of: address) { bytes in
      switch Int32(address.ss_family) {
      case AF_INET:
        low = UInt64(bytes.loadUnaligned(fromByteOffset: 4, as: UInt32.self).bigEndian)
      case AF_INET6:
        high = bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self).bigEndian
        let rest = bytes.loadUnaligned(fromByteOffset: 16, as: UInt64.self).bigEndian
        // An IPv4 address mapped into IPv6 is that IPv4 address.
        if high == 0, rest >> 32 == 0xFFFF { low = rest & 0xFFFF_FFFF }
      default:
        break
      }
    }
    self.high = high
    self.low = low
  }
}

/// Counts connections, all together and by address, and refuses those over a limit.
///
/// Confined to whoever holds the lock around it.
struct ConnectionCount {
  private let limit: Int
  private let limitOfAddress: Int
  private var byAddress: [AddressKey: Int] = [:]
  private(set) var total = 0
  private(set) var refused = 0
  private var lastID: UInt64 = 0

  init(limit: Int, limitOfAddress: Int) {
    self.limit = limit
    self.limitOfAddress = limitOfAddress
  }

  /// A number for one more connection, or nil if there are as many as allowed.
  mutating func admit(_ address: AddressKey) -> UInt64? {
    let ofAddress = byAddress[address, default: 0]
    guard total < limit, ofAddress < limitOfAddress else {
      refused += 1
      return nil
    }
    byAddress[address] = ofAddress + 1
    total += 1
    lastID += 1
    return lastID
  }

  mutating func release(_ address: AddressKey) {
    guard let ofAddress = byAddress[address] else { return }
    byAddress[address] = ofAddress > 1 ? ofAddress - 1 : nil
    total -= 1
  }
}
