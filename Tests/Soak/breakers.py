"""Clients that break off, or break the rules: none may leave anything behind."""

import os
import random
import socket
import ssl
import struct
import time

import grpc

from clients import Call
from stubs import pb

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, RESET, SETTINGS, PING, GO_AWAY, CONTINUATION = 0, 1, 3, 4, 6, 7, 9
END_STREAM, END_HEADERS = 1, 4


def lanes(load):
    """The lanes of those who don't behave."""
    return [("broken", lambda: broken(load))] * 2 + [("given up", lambda: given_up(load))]


def frame(kind, flags, stream, payload=b""):
    """An HTTP/2 frame."""
    return struct.pack(">I", len(payload))[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + payload


def headers(stream, path, flags=END_HEADERS):
    """A request's headers, each field literal."""
    fields = ((":method", "POST"), (":scheme", "https"), (":path", path), (":authority", "localhost"), ("te", "trailers"),
              ("content-type", "application/grpc"))
    block = b"".join(b"\0" + bytes([len(name)]) + name.encode() + bytes([len(value)]) + value.encode() for name, value in fields)
    return frame(HEADERS, flags, stream, block)


class Wire:
    """A connection on which anything can be said; a reset ends it."""

    def __init__(self, load, certificate="partner-icbc-shenyang", secure=True):
        host, _, port = load.house.outer.rpartition(":")
        self.socket = socket.create_connection((host, int(port)), 10)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        if secure:
            context = ssl.create_default_context(cafile=str(load.house.authority))
            context.check_hostname = False
            context.set_alpn_protocols(["h2"])
            if certificate:
                context.load_cert_chain(load.house.certificate(certificate), load.house.key(certificate))
            self.socket = context.wrap_socket(self.socket)
            self.say(PREFACE + frame(SETTINGS, 0, 0))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def say(self, content):
        """Sends bytes."""
        self.socket.sendall(content)

    def hear(self):
        """Reads until the server ends the connection or 10 s have passed."""
        while self.socket.recv(65_536):
            pass


def garbage(load):
    """What is no TLS."""
    with Wire(load, secure=False) as wire:
        wire.say(random.choice([b"", b"GET / HTTP/1.1\r\n\r\n", os.urandom(300), b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"]))


def stranger(load):
    """A certificate that nobody here trusts: the server ends the connection."""
    with Wire(load, "stranger") as wire:
        wire.hear()


def half_message(load):
    """Requests that end in the middle."""
    with Wire(load) as wire:
        for stream in range(1, 21, 2):
            wire.say(headers(stream, "/liaoning.registry.v1.LicenseService/VerifyLicense")
                     + frame(DATA, 0, stream, b"\0\0\1\0\0" + os.urandom(99)))


def rapid_reset(load):
    """Streams that are reset as soon as they are opened."""
    with Wire(load) as wire:
        wire.say(b"".join(headers(stream, "/grpc.health.v1.Health/Watch") + frame(RESET, 0, stream, b"\0\0\0\x08")
                          for stream in range(1, 121, 2)))


def lawless(load):
    """Frames against the rules: the server says so and ends the connection."""
    with Wire(load) as wire:
        wire.say(random.choice([
            frame(SETTINGS, 0, 1), frame(PING, 0, 0, b"1"), frame(CONTINUATION, 0, 1, b"x"), frame(DATA, 0, 7, b"x"),
            headers(1, "/a/b", 0) + frame(PING, 0, 0, bytes(8)), frame(HEADERS, END_HEADERS, 2, b"\xff\xff\xff"),
        ]))
        wire.hear()


def slow(load):
    """A request a byte at a time, never finished."""
    with Wire(load) as wire:
        for byte in headers(1, "/grpc.health.v1.Health/Check")[: random.randint(10, 60)]:
            wire.say(bytes([byte]))
            time.sleep(0.02)


def deaf(load):
    """Answers that nobody reads."""
    with Wire(load) as wire:
        wire.say(frame(SETTINGS, 0, 0, b"\0\x04\0\0\0\0"))
        wire.say(b"".join(headers(stream, "/grpc.health.v1.Health/Check") + frame(DATA, END_STREAM, stream, bytes(5))
                          for stream in range(1, 101, 2)))
        time.sleep(0.2)


def farewell(load):
    """A goodbye with calls under way."""
    with Wire(load) as wire:
        wire.say(headers(1, "/grpc.health.v1.Health/Watch") + frame(DATA, END_STREAM, 1, bytes(5))
                 + frame(GO_AWAY, 0, 0, bytes(8)))


WAYS = (garbage, stranger, half_message, rapid_reset, lawless, slow, deaf, farewell)


def broken(load):
    """One of the ways; that the server hangs up first is its right."""
    try:
        random.choice(WAYS)(load)
    except (ConnectionError, ssl.SSLError, BrokenPipeError):
        pass
    time.sleep(0.05)


def given_up(load):
    """Proper calls, cancelled at any time; one that was faster must be right."""
    certificate = tuple(str(file) for file in (load.house.certificate("partner-icbc-shenyang"), load.house.key("partner-icbc-shenyang")))
    code = load.some(load.codes)
    if code is None:
        return
    request = pb.VerifyLicenseRequest(credit_code=code, purpose="ACCOUNT_OPENING")
    call = Call("License", "VerifyLicense", request, load.house.outer, certificate, "", 30)
    # Of its own: who resets more than a stream in 30 ms loses his connection.
    channel = grpc.secure_channel(call.endpoint, load.client.credentials(call))
    path = f"/{call.full_service}/{call.method}"
    invoke = channel.unary_unary(path, type(request).SerializeToString, pb.VerifyLicenseResponse.FromString)
    calls = [invoke.future(request, timeout=30) for _ in range(20)]
    time.sleep(random.uniform(0, 0.02))
    for future in calls:
        future.cancel()
    time.sleep(0.7)
    for future in calls:
        if not future.cancelled() and not future.result().authentic:
            raise AssertionError("a licence of ours is not authentic")
    channel.close()
