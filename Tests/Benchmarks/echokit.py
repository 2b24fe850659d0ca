"""The echo service on three servers, ours, grpc-go's and gRPC's C++, as the benchmarks build, start, check and load it."""

import contextlib
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile

from benchkit import ROOT, TICKS, run, say

PROTOS = ROOT / "Tests/Benchmarks/Protos"
PROTO = "liaoning/bench/v1/echo_service.proto"
METHOD = "/liaoning.bench.v1.EchoService/Echo"


def is_current(program, *sources):
    return program.exists() and program.stat().st_mtime > max(path.stat().st_mtime for path in sources)


def build_cpp(folder):
    """Compiles the C++ server; again only if a source is newer."""
    program = folder / "grpc-echo-server"
    source = ROOT / "Tests/Benchmarks/cpp/echo_server.cc"
    if is_current(program, source, PROTOS / PROTO):
        return program
    say("building the grpc++ server")
    folder.mkdir(parents=True, exist_ok=True)
    plugin = shutil.which("grpc_cpp_plugin") or sys.exit("no grpc_cpp_plugin (protobuf-compiler-grpc)")
    run(["protoc", "-I", PROTOS, f"--cpp_out={folder}", f"--grpc_out={folder}", f"--plugin=protoc-gen-grpc={plugin}", PROTO])
    stem = folder / PROTO.removesuffix(".proto")
    run(["g++", "-std=c++17", "-O2", "-DNDEBUG", f"-I{folder}", source, f"{stem}.pb.cc", f"{stem}.grpc.pb.cc",
         "-o", program, *run(["pkg-config", "--libs", "grpc++", "protobuf"]).split(), "-pthread"])
    return program


def build_go(folder, name):
    """Compiles a Go program against Debian's grpc-go, its messages made by Debian's protoc-gen-go 1.3; again only if a source is newer."""
    program = folder / name
    source = ROOT / "Tests/Benchmarks/go" / name / "main.go"
    if is_current(program, source, PROTOS / PROTO):
        return program
    say(f"building the Go program {name}")
    generated = folder / "src"
    generated.mkdir(parents=True, exist_ok=True)
    package = pathlib.Path(PROTO).parent
    run(["protoc", "-I", PROTOS, f"--go_out=plugins=grpc,M{PROTO}={package}:{generated}", PROTO])
    environment = os.environ | {"GO111MODULE": "off", "GOPATH": f"{folder}:/usr/share/gocode", "GOCACHE": str(folder / "cache"), "GOFLAGS": ""}
    run(["go", "build", "-o", program, source], env=environment)
    return program


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Credentials:
    """A key, its certificate for localhost, and the frame of EchoRequest { text: "hello" }, uncompressed; in a folder that goes in the end."""

    def __init__(self, folder):
        folder = pathlib.Path(folder)
        self.key, self.certificate, self.frame = folder / "key.pem", folder / "certificate.pem", folder / "request.bin"
        run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
             "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
             "-keyout", self.key, "-out", self.certificate])
        self.frame.write_bytes(b"\0" + (7).to_bytes(4, "big") + b"\x0a\x05hello")


class Server:
    """A server process, its port, and what it was asked."""

    def __init__(self, name, command, port, credentials, checker):
        self.name, self.port, self.credentials, self.checker = name, port, credentials, checker
        self.succeeded = self.checked = 0
        self.rates, self.costs = [], []
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        if not self.process.stdout.readline().startswith("listening"):
            sys.exit(f"{name} doesn't listen")

    def check(self):
        """One real call: the answer and its status are verified, and that who doesn't send the header is refused."""
        run([self.checker, "check", "--port", str(self.port), "--trust", self.credentials.certificate])
        self.checked += 1

    def cpu_seconds(self):
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def load(self, seconds):
        """Drives the server with 16 connections of 16 calls; returns calls a second and microseconds of CPU a call."""
        before = self.cpu_seconds()
        output = run(["h2load", "-c16", "-m16", "-t1", "-D", str(seconds), "-d", self.credentials.frame,
                      "-H", "content-type: application/grpc", "-H", "te: trailers", "-H", "grpc-timeout: 30S", "-H", "caller: bench",
                      f"https://127.0.0.1:{self.port}{METHOD}"], timeout=seconds + 60)
        spent = self.cpu_seconds() - before
        counts = re.search(r"requests: .* (\d+) done, (\d+) succeeded, (\d+) failed, (\d+) errored, (\d+) timeout", output)
        rate = re.search(r"finished in [^,]+, ([\d.]+) req/s", output)
        if not counts or not rate or int(counts[1]) != int(counts[2]) or int(counts[2]) == 0:
            sys.exit(f"{self.name} didn't answer every request\n{output}")
        succeeded = int(counts[2])
        self.succeeded += succeeded
        return float(rate[1]), spent / succeeded * 1e6

    def stop(self):
        """Ends the server, and compares its own count with the clients'."""
        self.process.send_signal(signal.SIGTERM)
        output, _ = self.process.communicate(timeout=30)
        answered = re.search(r"answered (\d+)", output)
        if not answered or int(answered[1]) < self.succeeded + self.checked:
            sys.exit(f"{self.name} answered fewer calls than were counted: {output.strip()}")

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()


class Peers:
    """The programs, and how each is started on a port of its own."""

    def __init__(self, ours, scratch, credentials):
        self.ours, self.credentials = ours, credentials
        self.cpp = build_cpp(scratch / "cpp")
        self.go = build_go(scratch / "go", "echo-server")

    def start_ours(self, name, loops, *flags):
        port = free_port()
        return Server(name, [self.ours, "serve", "--port", str(port), "--certificate", self.credentials.certificate,
                             "--key", self.credentials.key, "--loops", str(loops), *flags], port, self.credentials, self.ours)

    def start_cpp(self, threads):
        port = free_port()
        return Server("grpc++", [self.cpp, str(port), self.credentials.certificate, self.credentials.key, str(threads)], port,
                      self.credentials, self.ours)

    def start_go(self):
        port = free_port()
        return Server("grpc-go", [self.go, str(port), self.credentials.certificate, self.credentials.key], port, self.credentials, self.ours)


@contextlib.contextmanager
def running(ours, scratch, start):
    """Gives what `start` makes of the peers, a list of servers; each is checked before and after, stopped, and its counts compared."""
    with tempfile.TemporaryDirectory() as folder:
        peers = Peers(ours, scratch, Credentials(folder))
        servers = []
        try:
            for begin in start:
                servers.append(begin(peers))
            for server in servers:
                server.check()
            yield servers
            for server in servers:
                server.check()
                server.stop()
        finally:
            for server in servers:
                server.kill()
