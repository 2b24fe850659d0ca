internal import Glibc

/// How many files and sockets the process may have open.
enum DescriptorLimit {
  /// Takes as many as the system grants without asking: a connection is one, and where nobody says
  /// otherwise a process begins with 1,024.
  ///
  /// Nothing changes if the system refuses; whoever finds none left then waits for one
  /// (`Nghttp2ServerTransport`).
  static func raise() {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0,
      limit.rlim_cur < limit.rlim_max
    else { return }
    limit.rlim_cur = limit.rlim_max
    setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
  }
}
