@testable internal import GRPCNghttp2Transport

extension ConformanceCase {
  /// RFC 9113, section 5: the states and numbers of streams.
  static let streams = [
    ConformanceCase("5.1 DATA on an idle stream", .connectionError([1])) {
      try $0.send(.data(1, ScriptedConnection.emptyMessage))
    },
    ConformanceCase("5.1 DATA after the end of a request", .error([5])) {
      try $0.begin(1, path: "/test.Bytes/UntilCancelled")
      try $0.finish(1)
      try $0.send(.data(1, [0]))
    },
    ConformanceCase("5.1 HEADERS after the end of a request", .error([5])) {
      try $0.begin(1, path: "/test.Bytes/UntilCancelled")
      try $0.finish(1)
      try $0.begin(1, ends: true)
    },
    ConformanceCase("5.1 DATA after RST_STREAM of one's own", .tolerated([5])) {
      try $0.begin(1)
      try $0.reset(1, 8)
      try $0.send(.data(1, [0]))
    },
    ConformanceCase("5.1 WINDOW_UPDATE and RST_STREAM after the end are allowed", .ignored) {
      try $0.begin(1)
      try $0.reset(1, 8)
      try $0.send(.windowUpdate(1, 1))
      try $0.reset(1, 8)
    },
    ConformanceCase("5.1.1 a stream of an even number", .connectionError([1])) {
      try $0.begin(2)
    },
    // RFC 9113 would have a connection error; nghttp2 can't tell this from what was under way when a
    // stream was closed, and passes over it.
    ConformanceCase("5.1.1 a stream numbered below one before isn't opened", .ignored) {
      try $0.ask(5)
      try $0.ask(1)
    },
  ]

  /// RFC 9113, section 8: what is a request.
  static let messages =
    [
      ConformanceCase("8.1 a second header block that doesn't end the stream", .streamError([1])) {
        try $0.begin(1)
        try $0.sendHeaders(1, [("k", "v")])
      },
      ConformanceCase("8.1 trailers of a request are taken", .served) {
        try $0.begin(1)
        try $0.send(.data(1, ScriptedConnection.emptyMessage))
        try $0.sendHeaders(1, [("k", "v")], ends: true)
      },
      ConformanceCase("8.1 a pseudo-header in trailers", .streamError([1])) {
        try $0.begin(1)
        try $0.send(.data(1, ScriptedConnection.emptyMessage))
        try $0.sendHeaders(1, [(":method", "POST")], ends: true)
      },
      ConformanceCase("8.1.1 content-length over what comes", .streamError([1])) {
        try $0.begin(1, adding: [("content-length", "6")])
        try $0.finish(1)
      },
      ConformanceCase("8.1.1 content-length under what comes", .streamError([1])) {
        try $0.begin(1, adding: [("content-length", "4")])
        try $0.finish(1)
      },
      ConformanceCase("8.1.1 content-length twice", .streamError([1])) {
        try $0.begin(1, adding: [("content-length", "5"), ("content-length", "5")])
        try $0.finish(1)
      },
      ConformanceCase("8.1.1 content-length that is right", .served) {
        try $0.begin(1, adding: [("content-length", "5")])
        try $0.finish(1)
      },
      ConformanceCase("8.3 a pseudo-header after a field", .streamError([1])) {
        var fields = ScriptedConnection.request
        fields.append(fields.remove(at: 0))
        try $0.sendHeaders(1, fields, ends: true)
      },
      ConformanceCase("8.3.1 an empty :path", .streamError([1])) {
        try $0.begin(1, path: "", ends: true)
      },
      ConformanceCase("8.5 CONNECT with a :path", .streamError([1])) {
        var fields = ScriptedConnection.request
        fields[0].1 = "CONNECT"
        try $0.sendHeaders(1, fields, ends: true)
      },
      ConformanceCase("8.2.2 `te: trailers`, in any case, is allowed", .served) {
        var fields = ScriptedConnection.request
        fields[4].1 = "Trailers"
        try $0.sendHeaders(1, fields)
        try $0.finish(1)
      },
    ] + fields

  /// Fields that no request may have, each added to one that is well.
  private static let fields =
    [
      ("8.2 a name in upper case", "Name", "v"), ("8.2.1 a name with a space", "a b", "v"),
      ("8.2.1 a value with a line feed", "k", "a\nb"), ("8.2.1 a value with a zero", "k", "a\0b"),
      ("8.2.2 connection", "connection", "keep-alive"),
      ("8.2.2 transfer-encoding", "transfer-encoding", "chunked"),
      ("8.2.2 keep-alive", "keep-alive", "5"), ("8.2.2 upgrade", "upgrade", "h2c"),
      ("8.2.2 proxy-connection", "proxy-connection", "keep-alive"), ("8.2.2 te", "te", "gzip"),
      ("8.3 a pseudo-header that doesn't exist", ":unknown", "v"),
      ("8.3 a response's pseudo-header", ":status", "200"),
      ("8.3.1 :method twice", ":method", "POST"), ("8.3.1 :scheme twice", ":scheme", "https"),
      ("8.3.1 :path twice", ":path", "/"), ("8.3.1 :authority twice", ":authority", "x"),
    ].map { rule, name, value in
      ConformanceCase(rule, .streamError([1])) { client in
        var fields = ScriptedConnection.request
        fields.insert((name, value), at: name.hasPrefix(":") ? 4 : 6)
        try client.sendHeaders(1, fields, ends: true)
      }
    }
    + [":method", ":scheme", ":path"].map { name in
      ConformanceCase("8.3.1 no \(name)", .streamError([1])) { client in
        let fields = ScriptedConnection.request.filter { $0.0 != name }
        try client.sendHeaders(1, fields, ends: true)
      }
    }

  /// RFC 7541: header blocks, and what is none.
  static let headerBlocks = [
    ConformanceCase("2.3.3 an index beyond the tables", .connectionError([9])) {
      try $0.send(.headers(1, [0x80 | 70] + ScriptedFrame.request))
    },
    ConformanceCase("6.1 the index 0", .connectionError([9])) {
      try $0.send(.headers(1, [0x80] + ScriptedFrame.request))
    },
    ConformanceCase("5.1 an integer without end", .connectionError([9])) {
      try $0.send(.headers(1, [0xFF] + [UInt8](repeating: 0xFF, count: 12)))
    },
    ConformanceCase("5.2 a string longer than the block", .connectionError([9])) {
      try $0.send(.headers(1, [0, 1, 107, 100, 118]))
    },
    ConformanceCase("5.2 Huffman padding of zeros", .connectionError([9])) {
      // "a" is 00011; its padding must be ones.
      try $0.send(.headers(1, ScriptedFrame.request + [0, 1, 107, 0x81, 0b0001_1000]))
    },
    ConformanceCase("5.2 Huffman padding of more than 7 bits", .connectionError([9])) {
      try $0.send(.headers(1, ScriptedFrame.request + [0, 1, 107, 0x82, 0b0001_1111, 0xFF]))
    },
    ConformanceCase("5.2 Huffman's EOS in a string", .connectionError([9])) {
      try $0.send(.headers(1, ScriptedFrame.request + [0, 1, 107, 0x84, 255, 255, 255, 255]))
    },
    ConformanceCase("5.2 Huffman's code is read", .served) {
      try $0.send(.headers(1, ScriptedFrame.request + [0, 1, 107, 0x81, 0b0001_1111]))
      try $0.finish(1)
    },
    ConformanceCase("4.2 a table size at the end of a block", .connectionError([9])) {
      try $0.send(.headers(1, ScriptedFrame.request + [0x20]))
    },
    ConformanceCase("6.3 a table size over the setting", .connectionError([9])) {
      // 5-bit prefix 31, then 4097 - 31 = 4066.
      try $0.send(.headers(1, [0x3F, 0xE2, 0x1F] + ScriptedFrame.request))
    },
    ConformanceCase("6.3 table sizes at the beginning of a block", .served) {
      try $0.send(.headers(1, [0x20, 0x3F, 0xE1, 0x1F] + ScriptedFrame.request))
      try $0.finish(1)
    },
    ConformanceCase("2.3.2 a field put in the table is found there", .served) {
      try $0.send(.headers(1, ScriptedFrame.request + [0x40, 1, 107, 1, 118]))
      try $0.finish(1)
      try $0.send(.headers(3, ScriptedFrame.request + [0x80 | 62]))
      try $0.finish(3)
    },
  ]
}
