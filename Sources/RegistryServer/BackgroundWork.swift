internal import Logging

/// The work beside calls: each job runs until it is cancelled, and is begun again if it ends before.
struct BackgroundWork: Sendable {
  typealias Job = @Sendable () async -> Void

  private let jobs: [Job]
  private let logger: Logger
  private let firstPause: Duration

  /// - Parameters:
  ///   - jobs: What runs until it is cancelled.
  ///   - logger: Hears of jobs that end before.
  ///   - firstPause: How long to wait before a job is begun again; doubled each time, to 30 s.
  init(jobs: [Job], logger: Logger, firstPause: Duration = .milliseconds(100)) {
    self.jobs = jobs
    self.logger = logger
    self.firstPause = firstPause
  }

  /// Keeps all jobs running until `end` returns, then cancels them and waits for their ends.
  func run(until end: @Sendable () async -> Void) async {
    await withTaskGroup { group in
      for job in jobs { group.addTask { await keep(job) } }
      await end()
      group.cancelAll()
    }
  }

  private func keep(_ job: Job) async {
    var pause = firstPause
    while true {
      await job()
      if Task.isCancelled { return }
      logger.error("work beside calls ended and is begun again")
      do { try await Task.sleep(for: pause) } catch { return }
      pause = min(pause * 2, .seconds(30))
    }
  }
}
