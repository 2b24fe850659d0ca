internal import CLinux
internal import EventLoops
internal import Foundation
internal import Glibc
internal import Synchronization

/// A program of ours started by a test, with its standard output read line by line.
///
/// Not Foundation's `Process`, which takes a child for alive as long as a daemon that the child left
/// behind: `registryd` leaves its PostgreSQL server behind when it is killed.
package final class ChildProcess: Sendable {
  /// The process.
  package let id: Int32
  private let output: Int32
  private let messages: String
  private let ended = Mutex<Int32?>(nil)

  /// Where reading and waiting block.
  private static let waiters = Result {
    try WorkerExecutor(threads: 16, queueLimit: 1_000, name: "child")
  }

  /// Keeps pipes of one start from being inherited by another.
  private static let starting = Mutex(())

  /// Why a child did not do what was waited for; ends with what it wrote to standard error.
  package struct Failure: Error, CustomStringConvertible, Sendable {
    /// What failed.
    package let description: String
  }

  /// Starts a program of this build.
  ///
  /// - Parameters:
  ///   - program: Its name, for instance `registryd`.
  ///   - arguments: Its arguments.
  ///   - environment: Variables beside `PATH` and the locale.
  ///   - messages: The file that its standard error is appended to.
  /// - Throws: `Failure` if it cannot be started; an error of the system.
  package convenience init(
    _ program: String,
    _ arguments: [String],
    environment: [String: String] = [:],
    messages: String
  ) throws {
    try self.init(
      command: Self.path(of: program),
      arguments,
      environment: environment,
      messages: messages
    )
  }

  /// Starts any program by its path.
  init(
    command: String,
    _ arguments: [String],
    environment: [String: String] = [:],
    messages: String
  ) throws {
    self.messages = messages
    (id, output) = try Self.starting.withLock { _ in
      try Self.spawn([command] + arguments, environment, messages)
    }
  }

  deinit {
    close(output)
  }

  /// The file of a program of this build: beside the test bundle.
  ///
  /// - Throws: `Failure` if it was not built.
  package static func path(of program: String) throws -> String {
    let bundle = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    var folder = URL(fileURLWithPath: bundle).deletingLastPathComponent()
    while folder.path != "/" {
      let path = folder.appendingPathComponent(program).path
      var isFolder: ObjCBool = false
      if FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), !isFolder.boolValue {
        return path
      }
      folder.deleteLastPathComponent()
    }
    throw Failure(description: "\(program) was not built beside \(bundle)")
  }

  private static func spawn(
    _ words: [String],
    _ environment: [String: String],
    _ messages: String
  ) throws -> (id: Int32, output: Int32) {
    var ends: [Int32] = [0, 0]
    guard pipe(&ends) == 0 else { throw Failure(description: "no pipe: \(errno)") }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    defer { close(ends[1]) }
    var actions = posix_spawn_file_actions_t()
    var attributes = posix_spawnattr_t()
    posix_spawn_file_actions_init(&actions)
    posix_spawnattr_init(&attributes)
    defer {
      posix_spawn_file_actions_destroy(&actions)
      posix_spawnattr_destroy(&attributes)
    }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
    posix_spawn_file_actions_addopen(&actions, 2, messages, O_CREAT | O_APPEND | O_WRONLY, 0o644)
    // Pipes of other tests would stay open for as long as the child lives, and their readers wait.
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
    let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
    let variables = ["PATH": path, "LC_ALL": "C.UTF-8"].merging(environment) { $1 }
    var arguments = copies(words)
    var settings = copies(variables.map { "\($0.key)=\($0.value)" })
    defer { for string in arguments + settings { free(string) } }
    var child = pid_t()
    let code = posix_spawn(&child, words[0], &actions, &attributes, &arguments, &settings)
    guard code == 0 else {
      close(ends[0])
      throw Failure(description: "\(words[0]): \(String(cString: strerror(code)))")
    }
    return (child, ends[0])
  }

  private static func copies(_ words: [String]) -> [UnsafeMutablePointer<CChar>?] {
    words.map { strdup($0) } + [nil]
  }

  /// Waits for the next line of standard output.
  ///
  /// - Parameter seconds: How long at most.
  /// - Throws: `Failure` if the program ends or is silent for too long.
  /// - Returns: The line without its end.
  package func nextLine(within seconds: Double = 60) async throws -> String {
    let (output, messages) = (output, messages)
    return try await Self.waiters.get().run {
      var line: [UInt8] = []
      let limit = ContinuousClock.now + .seconds(seconds)
      while true {
        let left = max(0, (limit - .now) / .milliseconds(1))
        var descriptor = pollfd(fd: output, events: Int16(POLLIN), revents: 0)
        let ready = poll(&descriptor, 1, Int32(left))
        if ready < 0, errno == EINTR { continue }
        var byte: UInt8 = 0
        guard ready > 0, read(output, &byte, 1) == 1 else {
          let end = (try? String(contentsOfFile: messages, encoding: .utf8)) ?? ""
          let what = ready > 0 ? "ended" : "said nothing for \(seconds) s"
          throw Failure(description: "the program \(what): \(end.suffix(2_000))")
        }
        if byte == UInt8(ascii: "\n") { return String(decoding: line, as: UTF8.self) }
        line.append(byte)
      }
    }
  }

  /// Sends a signal; nothing happens if the program has ended.
  package func send(_ signal: Int32) {
    // A process that was waited for may be somebody else's now.
    ended.withLock { if $0 == nil { Glibc.kill(id, signal) } }
  }

  /// Waits for the program's end.
  ///
  /// - Returns: What it exited with; 128 and its signal if one ended it.
  package func exitCode() async throws -> Int32 {
    try await Self.waiters.get().run { [self] in
      if let known = ended.withLock({ $0 }) { return known }
      // It stays a zombie, and the number its own, until the lock is held.
      var information = siginfo_t()
      while waitid(P_PID, id_t(id), &information, WEXITED | WNOWAIT) != 0, errno == EINTR {}
      return ended.withLock { ended in
        if let ended { return ended }
        var status: Int32 = 0
        waitpid(id, &status, 0)
        let signal = status & 0x7f
        let code = signal == 0 ? (status >> 8) & 0xff : 128 + signal
        ended = code
        return code
      }
    }
  }

  /// What the program wrote to standard error so far.
  package var messagesSoFar: String {
    (try? String(contentsOfFile: messages, encoding: .utf8)) ?? ""
  }
}
