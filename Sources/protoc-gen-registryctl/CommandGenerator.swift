internal import SwiftProtobuf
internal import SwiftProtobufPluginLibrary

/// Writes the subcommands of `registryctl` from the protos: a group a service, a command an RPC.
@main
struct CommandGenerator: CodeGenerator {
  var supportedFeatures: [Google_Protobuf_Compiler_CodeGeneratorResponse.Feature] {
    [.proto3Optional]
  }

  var customOptionExtensions: [any AnyMessageExtension] { [FieldBehavior.option] }

  func generate(
    files: [FileDescriptor],
    parameter: any CodeGeneratorParameter,
    protoCompilerContext: any ProtoCompilerContext,
    generatorOutputs: any GeneratorOutputs
  ) throws {
    let services = files.flatMap(\.services)
    for service in services {
      let writer = ServiceWriter(service)
      try generatorOutputs.add(fileName: "\(writer.typeName).swift", contents: writer.text())
    }
    try generatorOutputs.add(fileName: "ServiceCommands.swift", contents: index(of: services))
  }

  /// The list of groups, in the order of their files.
  private func index(of services: [ServiceDescriptor]) -> String {
    var printer = CodePrinter(addNewlines: true)
    printer.print(
      ServiceWriter.notice,
      "internal import ArgumentParser",
      "",
      "/// The groups of commands, one a service.",
      "enum ServiceCommands {",
      "  static let all: [any ParsableCommand.Type] = ["
    )
    for service in services { printer.print("    \(ServiceWriter(service).typeName).self,") }
    printer.print("  ]", "}")
    return printer.content
  }
}

/// A proto that no command can be written for.
struct UnsuitableProto: Error, CustomStringConvertible {
  /// The full name of the element, and what is wrong with it.
  let description: String
}
