internal import SwiftProtobuf
internal import SwiftProtobufPluginLibrary

/// Writes what registers a service's unary methods with `UnaryMethods` of GRPCNghttp2Transport: a
/// file a proto, an extension a service.
@main
struct RegistrationGenerator: CodeGenerator {
  var supportedFeatures: [Google_Protobuf_Compiler_CodeGeneratorResponse.Feature] {
    [.proto3Optional]
  }

  func generate(
    files: [FileDescriptor],
    parameter: any CodeGeneratorParameter,
    protoCompilerContext: any ProtoCompilerContext,
    generatorOutputs: any GeneratorOutputs
  ) throws {
    let options = try GeneratorOptions(parameter.parsedPairs)
    for file in files {
      let writer = RegistrationWriter(file, options)
      guard writer.hasMethods else { continue }
      try generatorOutputs.add(fileName: writer.fileName, contents: writer.text())
    }
  }
}

/// What `--grpc-swift-unary_opt` says.
struct GeneratorOptions {
  /// Who may register: the access level of the generated functions.
  enum Visibility: String {
    case `internal` = "Internal"
    case `package` = "Package"
    case `public` = "Public"
  }

  /// `Visibility=Internal|Package|Public`; internal unless said.
  private(set) var visibility = Visibility.internal
  /// `ExtraModuleImports=MODULE`, once a module: where the messages and stubs are, if elsewhere.
  private(set) var extraModuleImports: [String] = []

  /// - Throws: `UnsuitableOption` for what there is not.
  init(_ pairs: [(key: String, value: String)]) throws {
    for (key, value) in pairs {
      switch key {
      case "Visibility":
        guard let visibility = Visibility(rawValue: value) else {
          throw UnsuitableOption(description: "Visibility is Internal, Package or Public.")
        }
        self.visibility = visibility
      case "ExtraModuleImports" where !value.isEmpty:
        extraModuleImports.append(value)
      default:
        throw UnsuitableOption(description: "no option \(key)=\(value)")
      }
    }
  }
}

/// An option that the plugin does not know.
struct UnsuitableOption: Error, CustomStringConvertible {
  /// What is wrong with it.
  let description: String
}
