"""gRPC's C++ library as a peer, client and server: `cpp/`, compiled for the run against Debian's libgrpc++-dev."""

import pathlib
import select
import shutil
import signal
import subprocess

from reference_calls import PROTOS, SECONDS, Wrong, check

SOURCES = pathlib.Path(__file__).resolve().parent / "cpp"
BUILD_SECONDS = 300
# What the C++ server doesn't look at: whether requests are compressed.
NOT_ON_CPP = {"client_compressed_unary", "client_compressed_streaming"}


class Cpp:
    """The program, which is compiled while other cases run, and what is done with it."""

    def __init__(self, programs):
        self.programs = programs
        folder = programs.folder / "cpp"
        folder.mkdir()
        self.program = folder / "interop_peer"
        plugin = shutil.which("grpc_cpp_plugin")
        if plugin is None:
            raise SystemExit("no grpc_cpp_plugin: .ci/setup installs it")
        subprocess.run(
            ["protoc", f"-I{PROTOS}", f"--cpp_out={folder}", f"--grpc_out={folder}",
             f"--plugin=protoc-gen-grpc={plugin}",
             *[f"grpc/testing/{name}.proto" for name in ("test", "messages", "empty")]],
            check=True,
        )
        libraries = subprocess.run(
            ["pkg-config", "--libs", "grpc++", "protobuf"], check=True, capture_output=True, text=True
        ).stdout.split()
        generated = [
            f"grpc/testing/{name}.cc" for name in ("test.pb", "messages.pb", "empty.pb", "test.grpc.pb")
        ]
        self.building = programs.start(
            "g++", "-std=c++17", "-I.", *sorted(SOURCES.glob("*.cc")), *generated,
            "-o", self.program, *libraries, "-pthread",
            cwd=folder,
        )

    def run(self, servers, kept, tally):
        """Its client against our servers, by their names, and our client against its server."""
        if self.building.wait(BUILD_SECONDS) != 0:
            return tally.note("grpc++", ["WRONG: it can't be compiled"])
        roots = self.programs.certificate
        for name, port in servers.items():
            lines = self.programs.call(self.program, "client", f"localhost:{port}", roots)
            tally.note(f"grpc++ client, {name}", lines, 16)
        try:
            self.drain()
            tally.note("grpc++ client, our server", ["OK: drain_with_a_call_under_way"])
        except Wrong as error:
            tally.note("grpc++ client, our server", [f"WRONG: drain_with_a_call_under_way: {error}"])
        cases = [case for case in kept if case not in NOT_ON_CPP]
        lines = self.programs.check(self.serve(), cases)
        tally.note("our client, grpc++ server", lines, len(cases))

    def serve(self):
        """Starts its server; the port."""
        process = self.programs.start(
            self.program, "server", self.programs.certificate, self.programs.key,
            stdout=subprocess.PIPE,
        )
        return int(self.line(process).split()[-1])

    def drain(self):
        """Our server is told to end within a conversation of its client, which goes on to its end."""
        server, port = self.programs.serve()
        client = self.programs.start(
            self.program, "drain", f"localhost:{port}", self.programs.certificate,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )
        check(self.line(client) == "ready\n", "no conversation")
        server.send_signal(signal.SIGTERM)
        client.communicate("on\n", timeout=SECONDS)
        check(client.returncode == 0, f"the client's exit status is {client.returncode}")
        check(server.wait(SECONDS) == 0, "the server ends badly")

    @staticmethod
    def line(process):
        """The next line of a program."""
        ready, _, _ = select.select([process.stdout], [], [], SECONDS)
        return process.stdout.readline() if ready else ""
