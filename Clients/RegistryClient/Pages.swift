internal import GRPCCore

/// All elements of a list RPC, page after page, read as they are asked for.
public struct Pages<Element: Sendable>: AsyncSequence, Sendable {
  /// What a page can fail with.
  public typealias Failure = RegistryFailure

  /// A page: its elements, and the token of the next page, empty on the last.
  public struct Page: Sendable {
    /// The elements.
    public var elements: [Element]
    /// The next page's token; empty on the last page.
    public var nextPageToken: String

    /// A page.
    public init(elements: [Element], nextPageToken: String) {
      self.elements = elements
      self.nextPageToken = nextPageToken
    }
  }

  private let read: @Sendable (_ pageToken: String) async throws(RegistryFailure) -> Page

  /// A list.
  ///
  /// - Parameter read: Reads the page of a token; the first page's token is empty.
  public init(
    _ read: @escaping @Sendable (_ pageToken: String) async throws(RegistryFailure) -> Page
  ) {
    self.read = read
  }

  /// Reads from the first page on.
  public func makeAsyncIterator() -> Iterator {
    Iterator(read: read)
  }

  /// Every element.
  ///
  /// - Parameter limit: No more than these many.
  /// - Returns: The elements in the list's order.
  /// - Throws: What reading a page throws.
  public func all(atMost limit: Int = .max) async throws(RegistryFailure) -> [Element] {
    var elements: [Element] = []
    var iterator = makeAsyncIterator()
    while elements.count < limit, let element = try await iterator.next(isolation: nil) {
      elements.append(element)
    }
    return elements
  }

  /// Walks through the pages.
  public struct Iterator: AsyncIteratorProtocol {
    private let read: @Sendable (_ pageToken: String) async throws(RegistryFailure) -> Page
    private var page: ArraySlice<Element> = []
    private var token: String? = ""

    init(read: @escaping @Sendable (_ pageToken: String) async throws(RegistryFailure) -> Page) {
      self.read = read
    }

    /// The next element, or nil after the last.
    public mutating func next() async throws(RegistryFailure) -> Element? {
      try await next(isolation: nil)
    }

    /// The next element, or nil after the last.
    public mutating func next(
      isolation actor: isolated (any Actor)?
    ) async throws(RegistryFailure) -> Element? {
      while page.isEmpty, let token {
        let next = try await read(token)
        // A server that answers with the same token again would keep us for ever.
        guard next.nextPageToken.isEmpty || next.nextPageToken != token else {
          self.token = nil
          throw RegistryFailure(
            code: .internalError,
            reason: "CLIENT_PAGES_LOOP",
            message: "The server names the same page again."
          )
        }
        page = next.elements[...]
        self.token = next.nextPageToken.isEmpty ? nil : next.nextPageToken
      }
      return page.popFirst()
    }
  }
}
