extension ServerStream {
  /// Whether the response's headers need say nothing of compression.
  ///
  /// What this side takes is announced once a connection, and to each client that compresses.
  var isPlain: Bool {
    wantedEncoding == .identity && incomingEncoding == .identity
      && connection?.hasAnnouncedEncodings ?? true
  }

  /// Says how the response is compressed, if the client takes what the handler wants, and what
  /// requests may be compressed with.
  func declareEncodings(_ list: inout HeaderList) {
    let wanted = wantedEncoding
    if wanted != .identity, head?.acceptedEncodings.contains(wanted) ?? false,
      worker.shared.compression.encoding(wanted.algorithm) == wanted
    {
      declaredEncoding = wanted
      list.append("grpc-encoding", wanted.name)
    }
    if incomingEncoding != .identity || !(connection?.hasAnnouncedEncodings ?? true) {
      connection?.hasAnnouncedEncodings = true
      list.append("grpc-accept-encoding", worker.shared.acceptedEncodings)
    }
  }

  /// Sends a message, compressed if that was declared and is still wanted.
  func sendEncoded(_ message: [UInt8]) {
    if declaredEncoding != .identity {
      let isWanted = wantedEncoding == declaredEncoding
      outgoing = (
        isWanted ? declaredEncoding : .identity, worker.shared.compression.minimumBytes
      )
    }
    send(message: message)
  }
}
