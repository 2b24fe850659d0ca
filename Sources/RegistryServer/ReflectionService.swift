internal import FoundationEssentials
internal import GRPCCore
internal import RegistryAPI
internal import SwiftProtobuf

/// Server reflection, `grpc.reflection.v1`: which services there are and their descriptors.
struct ReflectionService: Grpc_Reflection_V1_ServerReflection.SimpleServiceProtocol {
  let index: ReflectionIndex

  func serverReflectionInfo(
    request: RPCAsyncSequence<Grpc_Reflection_V1_ServerReflectionRequest, any Error>,
    response: RPCWriter<Grpc_Reflection_V1_ServerReflectionResponse>,
    context: ServerContext
  ) async throws {
    for try await question in request {
      try await response.write(answer(to: question))
    }
  }

  /// The answer to one question.
  func answer(
    to question: Grpc_Reflection_V1_ServerReflectionRequest
  ) -> Grpc_Reflection_V1_ServerReflectionResponse {
    .with {
      $0.validHost = question.host
      $0.originalRequest = question
      switch question.messageRequest {
      case .fileByFilename(let name):
        $0.messageResponse = files(index.file(named: name), asked: name)
      case .fileContainingSymbol(let symbol):
        $0.messageResponse = files(index.file(declaring: symbol), asked: symbol)
      case .fileContainingExtension(let wanted):
        $0.messageResponse = files(
          index.file(extending: wanted.containingType, number: wanted.extensionNumber),
          asked: "\(wanted.containingType) \(wanted.extensionNumber)"
        )
      case .allExtensionNumbersOfType(let message):
        $0.messageResponse = numbers(index.extensionNumbers(of: message), asked: message)
      case .listServices:
        $0.listServicesResponse.service = index.services.map { name in .with { $0.name = name } }
      case nil:
        $0.messageResponse = failure(.invalidArgument, "Nothing was asked.")
      }
    }
  }

  private typealias Answer = Grpc_Reflection_V1_ServerReflectionResponse.OneOf_MessageResponse

  private func files(_ files: [[UInt8]]?, asked: String) -> Answer {
    guard let files else { return failure(.notFound, "Not found: \(asked)") }
    return .fileDescriptorResponse(.with { $0.fileDescriptorProto = files.map { .init($0) } })
  }

  private func numbers(_ numbers: [Int32]?, asked: String) -> Answer {
    guard let numbers else { return failure(.notFound, "Not found: \(asked)") }
    return .allExtensionNumbersResponse(
      .with {
        $0.baseTypeName = asked
        $0.extensionNumber = numbers
      }
    )
  }

  private func failure(_ code: RPCError.Code, _ message: String) -> Answer {
    .errorResponse(
      .with {
        $0.errorCode = Int32(code.rawValue)
        $0.errorMessage = message
      }
    )
  }
}

/// The same under its older name, `grpc.reflection.v1alpha`: the messages are alike on the wire.
struct AlphaReflectionService: Grpc_Reflection_V1alpha_ServerReflection.SimpleServiceProtocol {
  let service: ReflectionService

  func serverReflectionInfo(
    request: RPCAsyncSequence<Grpc_Reflection_V1alpha_ServerReflectionRequest, any Error>,
    response: RPCWriter<Grpc_Reflection_V1alpha_ServerReflectionResponse>,
    context: ServerContext
  ) async throws {
    for try await question in request {
      let asked: [UInt8] = try question.serializedBytes()
      let answer = service.answer(to: try .init(serializedBytes: asked))
      let bytes: [UInt8] = try answer.serializedBytes()
      try await response.write(try .init(serializedBytes: bytes))
    }
  }
}
