// What a connection sends. Everything here is called on its loop.

extension Connection {
  /// Why something wasn't sent.
  private var gone: PostgresError {
    var error = end ?? PostgresError(.connectionLost, "the connection is closed")
    error.isUnsent = true
    return error
  }

  /// Sends requests of one statement each as one group, answered one by one as their answers come.
  ///
  /// - Returns: How many it has taken charge of; fewer than given if it closed meanwhile.
  func sendGroup(_ requests: [Request]) -> Int {
    guard state == .ready else { return 0 }
    for (index, request) in requests.enumerated() where !queue(request) { return index + 1 }
    endGroup(nil)
    return requests.count
  }

  /// Sends a request as a group of its own, answered when the whole group has ended.
  func send(_ request: Request) {
    guard state == .ready else { return request.answer(.failure(gone)) }
    if queue(request) { endGroup(request) }
  }

  /// Sends statements of a transaction, with BEGIN before its first.
  ///
  /// - Parameters:
  ///   - request: The statements.
  ///   - beginning: The text of BEGIN.
  func send(_ request: Request, beginning: SQL) {
    if !leaseHasBegun {
      leaseHasBegun = true
      request.open(with: beginning)
    }
    send(request)
  }

  /// Sends COMMIT; nothing, answered at once, if the transaction never began.
  func sendCommit(_ request: Request) {
    guard leaseHasBegun else { return request.answer(.success([])) }
    send(request)
  }

  /// Sends a text of several statements, outside the pipeline; nothing else may be under way.
  func sendScript(_ text: String, _ request: Request) {
    guard state == .ready, let link, steps.isEmpty, link.leavePipelineMode() else {
      return request.answer(.failure(gone))
    }
    steps.append(.script(request))
    guard link.sendScript(text) else { return close(link.lost()) }
    flush()
  }

  /// Queues a request's statements, preparing those that the server doesn't know yet.
  ///
  /// - Returns: Whether they are queued; if not, the connection is closed and the owner has been told.
  private func queue(_ request: Request) -> Bool {
    request.begin()
    watchTime(request.deadline)
    for (index, statement) in request.statements.enumerated() {
      let isLast = index == request.statements.count - 1
      guard queue(statement, of: request, isLast: isLast) else {
        // Unless its last statement was among the lost connection's steps, nobody has answered it yet.
        if !isLast { request.answer(.failure(Request.unanswered)) }
        return false
      }
    }
    return true
  }

  private func queue(_ statement: SQL, of request: Request, isLast: Bool) -> Bool {
    guard let link else { return false }
    let key = StatementKey(statement)
    let entry: StatementCache.Entry
    var isQueued = true
    if let known = statements.entry(for: key) {
      entry = known
    } else {
      let (added, evicted) = statements.add(key)
      entry = added
      if let evicted {
        isQueued = link.sendDeallocate(evicted.name)
        steps.append(.deallocate)
      }
      isQueued = isQueued && link.sendPrepare(entry.name, statement)
      steps.append(.prepare(entry, request))
    }
    isQueued = isQueued && link.sendExecute(entry.name, statement)
    steps.append(.execute(request, entry, last: isLast))
    if !isQueued { close(link.lost()) }
    return isQueued
  }

  private func endGroup(_ request: Request?) {
    guard state == .ready, let link else { return }
    steps.append(.sync(request))
    guard link.sync() else { return close(link.lost()) }
    flush()
  }
}

// MARK: Between transactions

extension Connection {
  /// Ends a transaction's hold; statements that it sends late are refused from now on.
  ///
  /// If something is under way then, `connectionDrained` tells when it has ended.
  func endLease(rollsBack: Bool) {
    if rollsBack, leaseHasBegun, state == .ready { send(Request(["ROLLBACK"], deadline: nil)) }
    lease += 1
    leaseHasBegun = false
    isLent = false
  }

  /// Whether nothing is under way.
  var isAtRest: Bool { steps.isEmpty }

  /// Whether somebody else may have the connection: no transaction open, nothing under way.
  var isInOrder: Bool { state == .ready && steps.isEmpty && link?.isIdle == true }

  /// Whether its time is up.
  var isRetired: Bool { retirement <= .now }
}
