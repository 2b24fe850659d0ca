"""What strangers do to the test server: bodies that are no messages, and more connections than there are
descriptors."""

import os
import pathlib
import socket
import time

import grpc

from reference_calls import SECONDS, SERVICE, check

DESCRIPTORS = 64
HELD = 300

# Bodies of `SimpleRequest` that can't be read, by what is wrong with them.
UNREADABLE = {
    "a tag that does not end": b"\xff" * 11,
    "a tag of field 0": b"\x00\x00",
    "a wire type that is none": b"\x0e\x00",
    "a number that is missing": b"\x10",
    "a number that does not end": b"\x10" + b"\xff" * 12,
    "a payload cut short": b"\x1a\x05ab",
    "a length of 2^31 - 1": b"\x1a\xff\xff\xff\xff\x07",
    "a length of 2^32 - 1": b"\x1a\xff\xff\xff\xff\x0f",
    "a length of 2^63 - 1": b"\x1a" + b"\xff" * 8 + b"\x7f",
    "a length of 2^64 - 1": b"\x1a" + b"\xff" * 9 + b"\x01",
    "a length within a length": b"\x3a\x03\x12\x7fa",
    "the end of a group that did not begin": b"\x7c",
    "a group without end": b"\x7b",
    "a group that ends as another": b"\x7b\x74",
    "two million groups in each other": b"\x7b" * 2_000_000 + b"\x7c" * 2_000_000,
    "two million groups begun": b"\x7b" * 2_000_000,
    "a text that is not UTF-8": b"\x3a\x03\x12\x01\xff",
    "a text with an overlong form": b"\x3a\x04\x12\x02\xc0\x80",
    "a text with a surrogate": b"\x3a\x05\x12\x03\xed\xa0\x80",
    "a text that ends within a character": b"\x3a\x04\x12\x02\xe6\xb2",
}

# Bodies that look strange and are lawful.
READABLE = {
    "nothing": b"",
    "a million unknown fields": b"\x78\x01" * 1_000_000,
    "a field of another wire type, which is unknown": b"\x12\x01a",
    "fields that come twice": b"\x10\x01\x10\x02",
    "a group that is unknown": b"\x7b\x08\x01\x7c",
}


class Strangers:
    """The cases; each method whose name begins with `case_` is one."""

    def __init__(self, calls, direct):
        self.calls = calls
        self.ports = {"router": calls.port, "direct": direct}

    def case_unreadable_requests(self):
        """A body that is no message is INVALID_ARGUMENT, by the router and directly."""
        for way, port in self.ports.items():
            with self.calls.channel(port) as channel:
                unary = channel.unary_unary(f"/{SERVICE}/UnaryCall")
                for name, body in UNREADABLE.items():
                    self.unreadable(f"{name} ({way})", lambda: unary(body, timeout=SECONDS))
                for name, body in READABLE.items():
                    try:
                        unary(body, timeout=SECONDS)
                    except grpc.RpcError as error:
                        check(False, f"{name} ({way}): {error.code()}")

    def case_unreadable_messages_of_streams(self):
        """A message that is none ends a stream alike, also behind others."""
        first = b"\x12\x02\x08\x01"
        with self.calls.channel() as channel:
            collect = channel.stream_unary(f"/{SERVICE}/StreamingInputCall")
            converse = channel.stream_stream(f"/{SERVICE}/FullDuplexCall")
            expand = channel.unary_stream(f"/{SERVICE}/StreamingOutputCall")
            for body in (b"\xff", b"\x0a\x7f"):
                name = f"{body}"
                self.unreadable(name, lambda: collect(iter([b"", body]), timeout=SECONDS))
                self.unreadable(name, lambda: list(converse(iter([first, body]), timeout=SECONDS)))
                self.unreadable(name, lambda: list(expand(body, timeout=SECONDS)))
            self.calls.stub(channel).EmptyCall(self.calls.empty(), timeout=SECONDS)

    @staticmethod
    def unreadable(name, call):
        """Whether a call fails for its request."""
        try:
            call()
        except grpc.RpcError as error:
            check(error.code() == grpc.StatusCode.INVALID_ARGUMENT, f"{name}: {error.code()}")
        else:
            check(False, f"{name} was read")

    def case_no_descriptors_left(self):
        """Without descriptors a server serves who is there, idles, and lets others in once some go."""
        process, port = self.calls.programs.serve(descriptors=DESCRIPTORS)
        with self.calls.channel(port) as channel, self.channel_of_its_own(port) as other:
            self.calls.stub(channel).EmptyCall(self.calls.empty(), timeout=SECONDS)
            held = [socket.create_connection(("127.0.0.1", port)) for _ in range(HELD)]
            try:
                self.until(lambda: self.open_descriptors(process) == DESCRIPTORS)
                stub = self.calls.stub(other)
                late = stub.EmptyCall.future(
                    self.calls.empty(), timeout=SECONDS, wait_for_ready=True
                )
                before = self.processor_seconds(process)
                time.sleep(1)  # what is measured is what the server does meanwhile
                used = self.processor_seconds(process) - before
                check(used < 0.25, f"{used:.2f} s of processor time in an idle second")
                self.calls.stub(channel).EmptyCall(self.calls.empty(), timeout=SECONDS)
                check(not late.done(), "a connection beyond the descriptors is served")
            finally:
                for connection in held:
                    connection.close()
            late.result(SECONDS)

    def channel_of_its_own(self, port):
        """A channel that shares no connection with another."""
        return self.calls.channel(port, options=[("grpc.use_local_subchannel_pool", 1)])

    @staticmethod
    def open_descriptors(process):
        """How many descriptors a process has open."""
        return len(os.listdir(f"/proc/{process.pid}/fd"))

    @staticmethod
    def processor_seconds(process):
        """The processor time of a process so far."""
        fields = pathlib.Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    @staticmethod
    def until(holds):
        """Waits until something holds."""
        ending = time.monotonic() + SECONDS
        while not holds():
            check(time.monotonic() < ending, "the server does not accept what it could")
            time.sleep(0.01)
