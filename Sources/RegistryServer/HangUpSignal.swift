internal import Dispatch
internal import Glibc

/// SIGHUP: asks for certificates and their like to be read anew, and ends nothing.
package final class HangUpSignal: @unchecked Sendable {
  // Unchecked: never changed after its making, and dispatch's source may be used on any thread.

  /// What the signal asks for.
  package let request = ReloadRequest()
  private let source: any DispatchSourceSignal

  /// Takes the signal over for the rest of the process.
  package init() {
    signal(SIGHUP, SIG_IGN)
    source = DispatchSource.makeSignalSource(signal: SIGHUP, queue: .global())
    source.setEventHandler { [request] in request.ask() }
    source.activate()
  }
}
