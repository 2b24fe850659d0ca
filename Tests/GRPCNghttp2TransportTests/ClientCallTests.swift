internal import EventLoops
internal import GRPCCore
internal import GRPCNghttp2Transport
internal import Testing

@Suite("A client's calls", .timeLimit(.minutes(2)))
struct ClientCallTests {
  @Test("a unary call has its message and metadata echoed")
  func unary() async throws {
    try await withServer { bed in
      try await bed.withClient { client in
        let answer = try await client.answer(
          "Echo",
          [1, 2, 3],
          metadata: ["name": "value", "blob-bin": .binary([0, 255])]
        )
        #expect(try answer.message == [1, 2, 3])
        #expect(Array(answer.metadata[stringValues: "name"]) == ["value"])
        #expect(Array(answer.metadata[binaryValues: "blob-bin"]) == [[0, 255]])
      }
    }
  }

  @Test("a call made on the transport's loop works alike")
  func unaryOnLoop() async throws {
    try await withServer { bed in
      let transport = try ClientHarness.transport(port: bed.address.port)
      try await withGRPCClient(transport: transport) { client in
        let task = Task(executorPreference: transport.eventLoop) {
          try await client.call("Echo", [4])
        }
        let echoed = try await task.value
        #expect(echoed == [4])
      }
    }
  }

  @Test(
    "messages of any size pass, empty ones and ones larger than a window",
    arguments: [0, 3_000_000]
  )
  func sizes(count: Int) async throws {
    let message = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    try await withServer { bed in
      try await bed.withClient { client in
        let echoed = try await client.call("Echo", message)
        #expect(echoed == message)
      }
    }
  }

  @Test("calls at once don't mix, also more than the server allows at a time")
  func concurrent() async throws {
    var limits = Nghttp2ServerTransport.Limits()
    limits.concurrentStreams = 4
    try await withServer(limits: limits) { bed in
      try await bed.withClient { client in
        try await withThrowingTaskGroup(of: Void.self) { tasks in
          for number in 0..<50 {
            tasks.addTask {
              let message = [UInt8](repeating: UInt8(number), count: number * 100)
              let echoed = try await client.call("Echo", message)
              #expect(echoed == message)
            }
          }
          try await tasks.waitForAll()
        }
      }
    }
  }

  @Test("a failure carries code, message and metadata")
  func failureDetails() async throws {
    try await withServer { bed in
      try await bed.withClient { client in
        let error = try await failure { try await client.call("Fail") }
        #expect(error.code == .failedPrecondition)
        #expect(error.message == "状态不符 100%\n")
        #expect(Array(error.metadata[stringValues: "reason"]) == ["TEST"])
        #expect(Array(error.metadata[binaryValues: "detail-bin"]) == [[0, 255, 10]])
        let unknown = try await failure { try await client.call("NoSuchMethod") }
        #expect(unknown.code == .unimplemented)
      }
    }
  }

  @Test("metadata that HTTP/2 can't carry fails the call before it is sent")
  func unfitMetadata() async throws {
    try await withServer { bed in
      try await bed.withClient { client in
        let error = try await failure { try await client.call(metadata: ["name": "沈阳"]) }
        #expect(error.code == .internalError)
        #expect(error.message.contains("name"))
        let echoed = try await client.call("Echo", [1])
        #expect(echoed == [1])
      }
    }
  }

  @Test("a request of the largest size is sent, a larger one isn't", arguments: [100, 101])
  func requestLimit(size: Int) async throws {
    var options = CallOptions.defaults
    options.maxRequestMessageBytes = 100
    try await limited(size, options)
  }

  @Test("a response of the largest size is taken, a larger one isn't", arguments: [100, 101])
  func responseLimit(size: Int) async throws {
    var options = CallOptions.defaults
    options.maxResponseMessageBytes = 100
    try await limited(size, options)
  }

  private func limited(_ size: Int, _ options: CallOptions) async throws {
    let message = [UInt8](repeating: 7, count: size)
    try await withServer { bed in
      try await bed.withClient { client in
        if size > 100 {
          let error = try await failure {
            try await client.call("Echo", message, options: options)
          }
          #expect(error.code == .resourceExhausted)
        } else {
          let echoed = try await client.call("Echo", message, options: options)
          #expect(echoed == message)
        }
      }
    }
  }

  // MARK: Streams

  @Test("a client's stream is counted to its end")
  func clientStream() async throws {
    try await withServer { bed in
      try await bed.withClient { client in
        let text = try await client.stream("Count") { writer in
          for _ in 0..<1000 { try await writer.write([UInt8](repeating: 1, count: 2000)) }
        } _: { response in
          try await response.messages.reduce(into: [UInt8]()) { $0 += $1 }
        }
        #expect(String(decoding: text, as: UTF8.self) == "1000 2000000")
      }
    }
  }

  @Test("a server's stream comes whole, with its trailers")
  func serverStream() async throws {
    try await withServer { bed in
      try await bed.withClient { client in
        try await client.stream("Repeat") { writer in
          try await writer.write([UInt8](repeating: 1, count: 500))
        } _: { response in
          var (messages, trailers) = (0, Metadata())
          for try await part in try response.accepted.get().bodyParts {
            switch part {
            case .message(let message):
              #expect(message.count == 500)
              messages += 1
            case .trailingMetadata(let metadata): trailers = metadata
            }
          }
          #expect(messages == 10_000)
          #expect(Array(trailers[stringValues: "end"]) == ["yes"])
        }
      }
    }
  }

  @Test("a conversation goes to and fro")
  func conversation() async throws {
    try await withServer { bed in
      try await bed.withClient { client in
        let (heard, feed) = AsyncStream.makeStream(of: [UInt8].self)
        try await client.stream("Chat") { writer in
          try await writer.write([0])
          for await message in heard {
            if message[0] == 100 { return }
            try await writer.write([message[0] + 1])
          }
        } _: { response in
          var last: UInt8 = 0
          for try await message in response.messages {
            last = message[0]
            feed.yield(message)
          }
          #expect(last == 100)
        }
      }
    }
  }

  @Test("a reader that stops early ends the call for the server")
  func abandonedStream() async throws {
    try await withServer { bed in
      try await bed.withClient { client in
        try await client.stream("Repeat") { writer in
          try await writer.write([UInt8](repeating: 1, count: 10_000))
        } _: { response in
          for try await _ in response.messages { return }
        }
        #expect(await bed.service.saw("stopped: cancelled"))
        let echoed = try await client.call("Echo", [1])
        #expect(echoed == [1])
      }
    }
  }

  @Test("a reader that doesn't read holds the server back, and then gets everything")
  func backPressure() async throws {
    try await withServer { bed in
      try await bed.withClient { client in
        try await client.stream("Repeat") { writer in
          try await writer.write([UInt8](repeating: 1, count: 2000))
        } _: { response in
          var reader = response.messages.makeAsyncIterator()
          let first = try await reader.next()
          #expect(first != nil)
          // Other calls pass meanwhile.
          let echoed = try await client.call("Echo", [1])
          #expect(echoed == [1])
          var messages = 1
          while try await reader.next() != nil { messages += 1 }
          #expect(messages == 10_000)
        }
      }
    }
  }

  // MARK: Giving up

  @Test("a timeout ends the call here and for the handler, which is told of it")
  func deadline() async throws {
    try await withServer { bed in
      try await bed.withClient { client in
        let text = try await client.call("Describe", options: .timeout(.seconds(60)))
        #expect(String(decoding: text, as: UTF8.self).contains("deadline=true"))
        let error = try await failure {
          try await client.call("UntilCancelled", options: .timeout(.milliseconds(300)))
        }
        #expect(error.code == .deadlineExceeded)
        #expect(await bed.service.saw("cancelled"))
        let echoed = try await client.call("Echo", [1])
        #expect(echoed == [1])
      }
    }
  }

  @Test("cancelling the caller's task cancels the call for the handler")
  func cancellation() async throws {
    try await withServer { bed in
      try await bed.withClient { client in
        let task = Task { try await client.call("UntilCancelled") }
        #expect(await bed.service.saw("started"))
        task.cancel()
        let error = try await failure { try await task.value }
        #expect(error.code == .cancelled)
        #expect(await bed.service.saw("cancelled"))
        let echoed = try await client.call("Echo", [1])
        #expect(echoed == [1])
      }
    }
  }

  @Test("calls cancelled before they are sent leave the connection to others")
  func cancelledAtOnce() async throws {
    var limits = Nghttp2ServerTransport.Limits()
    limits.concurrentStreams = 1
    try await withServer(limits: limits) { bed in
      try await bed.withClient { client in
        let first = Task { try await client.call("UntilCancelled") }
        #expect(await bed.service.saw("started"))
        // The server allows one call at a time, so this one waits in vain.
        let error = try await failure {
          try await client.call("Echo", options: .timeout(.milliseconds(100)))
        }
        #expect(error.code == .deadlineExceeded)
        first.cancel()
        let given = try await failure { try await first.value }
        #expect(given.code == .cancelled, "\(given)")
        let echoed = try await client.call("Echo", [1])
        #expect(echoed == [1])
      }
    }
  }
}
