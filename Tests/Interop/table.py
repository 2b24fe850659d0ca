"""A table of calls: what a row says, and how the rows are run."""

import dataclasses
import time
import typing

from clients import DEFAULT_SECONDS, Call

PATIENCE_SECONDS = 15


@dataclasses.dataclass(frozen=True)
class Row:
    """One call, or the same call by both clients.

    `request` makes the request of what was kept before; `check` judges the replies if the call is
    expected to succeed; `keep` names the last reply for later rows.
    """

    clients: str  # grpcio, grpcurl, or both
    method: str  # Service.Method
    caller: str  # see `Cast`
    expect: str  # the code, and the reason if one is promised
    request: typing.Callable
    check: typing.Callable = None
    keep: str = ""
    seconds: float = DEFAULT_SECONDS


@dataclasses.dataclass(frozen=True)
class Fact:
    """Something beside the calls that must come true within seconds."""

    what: str
    holds: typing.Callable


class Cast:
    """Who calls: `nobody` and those with sessions at the outer door, as are the partners `bank` and
    `tax`; staff by their posts at the inner door. `X at inner` and `X at outer` go to the other."""

    POSTS = ("clerk", "examiner", "head", "archivist", "administrator", "auditor")
    PARTNERS = {"bank": "partner-icbc-shenyang", "tax": "partner-tax-liaoning"}

    def __init__(self, house, signers):
        self.house = house
        self.signers = signers

    def call(self, row, request):
        """The call that a row describes."""
        name, _, door = row.caller.partition(" at ")
        token = self.signers[name].token if name in self.signers else ""
        certificate = self.certificate_name(name)
        door = door or ("inner" if certificate.startswith("staff") else "outer")
        files = (
            (str(self.house.certificate(certificate)), str(self.house.key(certificate)))
            if certificate
            else ()
        )
        service, method = row.method.split(".")
        return Call(
            service=service,
            method=method,
            request=request,
            endpoint=getattr(self.house, door),
            certificate=files,
            token=token,
            seconds=row.seconds,
        )

    def certificate_name(self, name):
        """The name of the certificate's files, or nothing."""
        if name in self.PARTNERS:
            return self.PARTNERS[name]
        post, _, place = name.partition(" of ")
        if post in self.POSTS:
            authority = {"": "210100", "Dalian": "210200"}[place]
            return f"staff-S{authority}0{self.POSTS.index(post) + 1}"
        return "stranger" if name == "stranger" else ""


class Run:
    """Runs rows in order, prints a line for each call, and counts."""

    def __init__(self, state, cast, clients):
        self.state = state
        self.cast = cast
        self.clients = clients
        self.right = self.wrong = 0
        self.methods = set()

    def rows(self, rows):
        """Runs rows."""
        for row in rows:
            if isinstance(row, Fact):
                self.tell("fact", row.what, "", self.fact(row), "it does not hold")
                continue
            self.methods.add(row.method)
            names = ("grpcio", "grpcurl") if row.clients == "both" else (row.clients,)
            for name in names:
                flaw = self.call(self.clients[name], row)
                self.tell(name, row.method, row.caller, row.expect if not flaw else "", flaw)

    def call(self, client, row):
        """Makes a row's call, and returns what is wrong with its outcome."""
        try:
            outcome = client.call(self.cast.call(row, row.request(self.state)))
            if outcome.status != row.expect:
                return f"expected {row.expect}, got {outcome.status}: {outcome.words.strip()}"
            if row.check and not row.check(self.state, outcome.replies):
                return f"{row.expect}, but not as expected: {str(outcome.replies)[:2600]}"
            if row.keep:
                setattr(self.state, row.keep, outcome.reply)
        except Exception as error:  # whatever it is, the row is wrong and the others go on
            return f"{type(error).__name__}: {error}"
        return ""

    def fact(self, fact):
        """Waits for a fact; the empty text if it never holds."""
        end = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < end:
            try:
                if fact.holds(self.state):
                    return "holds"
            except AttributeError:  # a row that kept what the fact is about was wrong
                return ""
            time.sleep(0.05)
        return ""

    def tell(self, client, what, caller, outcome, flaw):
        """Prints a line and counts it."""
        if outcome:
            self.right += 1
        else:
            self.wrong += 1
        mark, rest = ("ok  ", outcome) if outcome else ("BAD ", flaw)
        print(f"{mark} {client:8} {what:34} {caller:22} {rest}".rstrip(), flush=True)
