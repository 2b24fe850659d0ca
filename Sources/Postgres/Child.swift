internal import CLinux
internal import Glibc

/// A program started by this one.
///
/// Not Foundation's `Process`: it takes a child for alive as long as a daemon that the child left behind, as `pg_ctl` does.
struct Child {
  private let id: pid_t

  /// Starts a program with a clean environment.
  ///
  /// - Parameters:
  ///   - words: The program's path and its arguments.
  ///   - input: What it reads; nil for nothing.
  ///   - messages: Where its standard error goes; nil for nowhere.
  /// - Throws: `PrivateCluster.Failure`.
  init(
    _ words: [String],
    input: Int32? = nil,
    messages: Int32? = nil
  ) throws(PrivateCluster.Failure) {
    var actions = posix_spawn_file_actions_t()
    var attributes = posix_spawnattr_t()
    posix_spawn_file_actions_init(&actions)
    posix_spawnattr_init(&attributes)
    defer {
      posix_spawn_file_actions_destroy(&actions)
      posix_spawnattr_destroy(&attributes)
    }
    for (descriptor, source) in [(Int32(0), input), (1, nil), (2, messages)] {
      if let source {
        posix_spawn_file_actions_adddup2(&actions, source, descriptor)
      } else {
        posix_spawn_file_actions_addopen(&actions, descriptor, "/dev/null", O_RDWR, 0)
      }
    }
    // What else is open here, sockets and pipes, would stay open for as long as a server that the child leaves behind.
    posix_spawn_file_actions_addclosefrom_np(&actions, 3)
    // Threads of loops and workers block all signals, and a child would inherit that.
    var none = sigset_t()
    var all = sigset_t()
    sigemptyset(&none)
    sigfillset(&all)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setsigdefault(&attributes, &all)
    posix_spawnattr_setflags(
      &attributes,
      Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF)
    )
    var child = pid_t()
    var arguments = Self.copies(words)
    var environment = Self.copies(["PATH=/usr/bin:/bin", "LC_ALL=C.UTF-8"])
    defer { for string in arguments + environment { free(string) } }
    let code = posix_spawn(&child, words[0], &actions, &attributes, &arguments, &environment)
    guard code == 0 else {
      throw PrivateCluster.Failure(description: "\(words[0]): \(String(cString: strerror(code)))")
    }
    id = child
  }

  /// C strings to be freed, and the null pointer that ends them.
  private static func copies(_ words: [String]) -> [UnsafeMutablePointer<CChar>?] {
    words.map { word in strdup(word) } + [nil]
  }

  /// Waits for the child to end.
  ///
  /// - Returns: What it exited with; 128 and its signal if one ended it.
  func exitCode() -> Int32 {
    var status: Int32 = 0
    while waitpid(id, &status, 0) < 0 {
      guard errno == EINTR else { return -1 }
    }
    let signal = status & 0x7f
    return signal == 0 ? (status >> 8) & 0xff : 128 + signal
  }
}
