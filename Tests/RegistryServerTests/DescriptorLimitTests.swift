internal import Glibc
internal import Testing

@testable internal import RegistryServer

@Suite("How many descriptors there are")
struct DescriptorLimitTests {
  @Test("as many as the system grants without asking")
  func raised() {
    var limit = rlimit()
    #expect(getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0)
    limit.rlim_cur = limit.rlim_max - 1
    #expect(setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0)
    DescriptorLimit.raise()
    #expect(getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0)
    #expect(limit.rlim_cur == limit.rlim_max)
  }
}
