internal import APIConventions
internal import Foundation
internal import GRPCCore
internal import Identity
internal import RegistryAPI
internal import SwiftProtobuf
internal import Testing
internal import Vocabulary

@Suite("Permitting a call")
struct PermissionTests {
  /// Every RPC of the protos that this house serves: not the partners', not the benchmark's echo.
  private func servedMethods() throws -> Set<String> {
    let set = try Google_Protobuf_FileDescriptorSet(serializedBytes: DescriptorSet.serialized)
    return Set(
      set.file.filter { !$0.package.hasPrefix("liaoning.partners.") }.flatMap { file in
        file.service.flatMap { service in
          service.method.map { "\(file.package).\(service.name)/\($0.name)" }
        }
      }.filter { !$0.lowercased().contains("echo") }
    )
  }

  @Test("the table names every RPC served, and no other")
  func table() throws {
    let served = try servedMethods()
    #expect(served.count > 40)
    #expect(Permissions.methods.subtracting(served).sorted() == [])
    #expect(served.subtracting(Permissions.methods).sorted() == [])
  }

  @Test(
    "whatever the table does not name is denied",
    arguments: [
      ("GetFiling", "liaoning.registry.v1.filingService"), ("", ""),
      ("getFiling", "liaoning.registry.v1.FilingService"), ("GetFiling", "FilingService"),
      ("ApproveFiling", "liaoning.registry.v1.FilingService"),
      ("SendMessage", "liaoning.partners.v1.MessageService"),
    ]
  )
  func unknown(method: String, service: String) {
    #expect(Permissions.rule(of: method, in: service) == nil)
  }

  @Test("no role is admitted where the listener does not serve the method")
  func listeners() throws {
    let approve = try #require(
      Permissions.rule(of: "ApproveFiling", in: "liaoning.registry.v1.ReviewService")
    )
    #expect(!approve.admits(Set(Role.allCases), on: .outer))
    #expect(approve.admits([.head], on: .inner))
    #expect(!approve.admits([.anyone, .clerk, .auditor], on: .inner))
    #expect(!approve.admits([], on: .inner))
    let submit = try #require(
      Permissions.rule(of: "SubmitFiling", in: "liaoning.registry.v1.FilingService")
    )
    #expect(submit.admits([.anyone, .account], on: .outer))
    #expect(!submit.admits([.anyone, .partner], on: .outer))
    #expect(!submit.admits(Set(Role.allCases), on: .inner))
  }

  @Test("nobody unknown may write, save to become known")
  func anonymous() throws {
    let open = try servedMethods().filter { method in
      let parts = method.split(separator: "/").map(String.init)
      return [Listener.outer, .inner].contains {
        Permissions.rule(of: parts[1], in: parts[0])?.admits([.anyone], on: $0) ?? false
      }
    }
    #expect(
      open == [
        "liaoning.registry.v1.AccountService/GetAgreement",
        "liaoning.registry.v1.AccountService/CreateAccount",
        "liaoning.registry.v1.AccountService/CreateLoginChallenge",
        "liaoning.registry.v1.AccountService/CreateSession",
        "liaoning.registry.v1.NameService/CheckName",
        "grpc.health.v1.Health/Check", "grpc.health.v1.Health/Watch",
      ]
    )
  }
}

@Suite("Telling who is calling")
struct CallerTests {
  private func callers() throws -> (account: Caller, staff: Caller, partner: Caller) {
    let region = try #require(RegionCode(rawValue: 210_100))
    let uuid = try #require(UUID(uuidString: "019A1B2C-3D4E-7F50-8A9B-0C1D2E3F4A5B"))
    return (
      .account(AccountCaller(id: RegionalID(region: region, uuid: uuid), session: [])),
      .staff(
        StaffCaller(number: "S0001", authority: region, roles: [.clerk], identityNumber: "")
      ),
      .partner(PartnerCaller(id: "icbc", purposes: [], fields: []))
    )
  }

  @Test("names are resource names, roles are no more than held")
  func namesAndRoles() throws {
    let (account, staff, partner) = try callers()
    #expect(account.name == "accounts/210100-019a1b2c-3d4e-7f50-8a9b-0c1d2e3f4a5b")
    #expect(staff.name == "staff/S0001")
    #expect(partner.name == "partners/icbc")
    #expect(Caller.anonymous.name == "anonymous")
    #expect(account.roles == [.anyone, .account])
    #expect(staff.roles == [.anyone, .clerk])
    #expect(partner.roles == [.anyone, .partner])
    #expect(Caller.anonymous.roles == [.anyone])
  }

  @Test("only an account passes for an account, only staff for staff")
  func requirements() throws {
    let (account, staff, partner) = try callers()
    #expect(try account.requireAccount().name == account.name)
    #expect(try staff.requireStaff().number == "S0001")
    for caller in [staff, partner, .anonymous] {
      #expect(throws: IdentityError.unauthenticated) { try caller.requireAccount() }
    }
    for caller in [account, partner, .anonymous] {
      #expect(throws: IdentityError.permissionDenied("")) { try caller.requireStaff() }
    }
  }

  @Test("a call that did not pass the call policy has no caller")
  func unpoliced() async throws {
    await withServerContextRPCCancellationHandle { handle in
      let context = ServerContext(
        descriptor: MethodDescriptor(fullyQualifiedService: "a.B", method: "C"),
        remotePeer: "in-process:1",
        localPeer: "in-process:2",
        cancellation: handle
      )
      #expect(throws: IdentityError.unauthenticated) { try Caller(context) }
    }
  }
}
