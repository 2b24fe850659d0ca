internal import GRPCCore
internal import Synchronization

/// Messages that are their own bytes.
struct PlainBytes: MessageSerializer, MessageDeserializer {
  func serialize<Bytes: GRPCContiguousBytes>(_ message: [UInt8]) throws -> Bytes { Bytes(message) }

  func deserialize<Bytes: GRPCContiguousBytes>(_ bytes: Bytes) throws -> [UInt8] {
    bytes.withUnsafeBytes { Array($0) }
  }
}

/// The service `f.S` with a method of each kind; counts the calls whose handlers run.
final class EchoBytes: RegistrableRPCService {
  /// A method of each kind, by the letter that is its name.
  static let methods: [(name: String, type: MethodDescriptor.RPCType)] = [
    ("U", .unary), ("C", .clientStreaming), ("S", .serverStreaming), ("B", .bidirectionalStreaming),
  ]

  static func descriptor(_ index: Int) -> MethodDescriptor {
    MethodDescriptor(
      fullyQualifiedService: "f.S",
      method: methods[index].name,
      type: methods[index].type
    )
  }

  private let calls = Atomic<Int>(0)

  /// How many handlers run.
  var running: Int { calls.load(ordering: .acquiring) }

  func registerMethods<Transport: ServerTransport>(with router: inout RPCRouter<Transport>) {
    for index in Self.methods.indices {
      router.registerHandler(
        forMethod: Self.descriptor(index),
        deserializer: PlainBytes(),
        serializer: PlainBytes()
      ) { request, _ in
        StreamingServerResponse(metadata: request.metadata) { writer in
          self.calls.add(1, ordering: .acquiringAndReleasing)
          defer { self.calls.subtract(1, ordering: .acquiringAndReleasing) }
          var count = 0
          for try await message in request.messages {
            count += 1
            try await writer.write(message)
          }
          return ["count": "\(count)"]
        }
      }
    }
  }
}
