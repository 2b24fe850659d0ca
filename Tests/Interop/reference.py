"""Runs gRPC's interoperability cases: the reference's client against our server, our client against
our server and the reference's, and what the cases leave out by grpcio, grpcurl and buf."""

import argparse
import pathlib
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

import reference_calls
import reference_cpp
import reference_strangers

from people import openssl

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
NAME = "localhost"
WAIT_SECONDS = 60

# What the reference's server doesn't do: see compressed requests, this method.
NOT_ON_REFERENCE = {"client_compressed_unary", "client_compressed_streaming", "cacheable_unary"}


class Programs:
    """Programs that run meanwhile, and the folder of their certificates."""

    def __init__(self, binaries):
        self.binary = binaries / "interop-server"
        self.buf = pathlib.Path(sys.executable).with_name("buf")
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="reference-"))
        self.certificate, self.key = self.folder / "server.pem", self.folder / "server.key"
        self.running = []
        openssl(
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc",
            "-days", "2", "-subj", f"/CN={NAME}", "-addext", f"subjectAltName=DNS:{NAME}",
            "-keyout", self.key, "-out", self.certificate,
        )

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for process in self.running:
            process.terminate()
        for process in self.running:
            try:
                process.wait(WAIT_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def start(self, *command, **options):
        """Starts a program that is ended with the others."""
        process = subprocess.Popen([str(word) for word in command], text=True, **options)
        self.running.append(process)
        return process

    def serve(self, *options, descriptors=None):
        """Starts our server, with no more descriptors than told; the process and its port."""
        limit = ["prlimit", f"--nofile={descriptors}"] if descriptors else []
        process = self.start(
            *limit, self.binary, "serve", "--certificate", self.certificate, "--key", self.key,
            *options,
            stdout=subprocess.PIPE,
        )
        ready, _, _ = select.select([process.stdout], [], [], WAIT_SECONDS)
        words = process.stdout.readline() if ready else ""
        if not words.startswith("listening on port "):
            raise SystemExit("interop-server does not start")
        return process, int(words.split()[-1])

    def serve_by_reference(self):
        """Starts ruby-grpc's server; its port."""
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        process = self.start(
            "ruby", HERE / "reference.rb", "server", port, self.certificate, self.key,
            stdout=subprocess.DEVNULL,
        )
        ending = time.monotonic() + WAIT_SECONDS
        while time.monotonic() < ending and process.poll() is None:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    return port
            time.sleep(0.05)
        raise SystemExit("the reference's server does not start")

    def call(self, *command):
        """Runs a program to its end; its lines."""
        done = subprocess.run(
            [str(word) for word in command],
            capture_output=True, text=True, check=False, timeout=WAIT_SECONDS,
        )
        if done.returncode != 0 and "WRONG" not in done.stdout:
            return [f"WRONG: {command[0]} ended with {done.returncode}: {done.stderr[-2000:]}"]
        return [line for line in done.stdout.splitlines() if line.startswith(("OK", "WRONG"))]

    def cases(self):
        """The names of our client's cases."""
        done = subprocess.run([self.binary, "cases"], capture_output=True, text=True, check=True)
        return done.stdout.split()

    def check(self, port, cases=()):
        """Runs our client's cases."""
        return self.call(
            self.binary, "check", "--port", port, "--trust", self.certificate, "--name", NAME,
            *cases,
        )

    def check_by_reference(self, port):
        """Runs the cases of ruby-grpc's client."""
        return self.call(
            "ruby", HERE / "reference.rb", "client", "127.0.0.1", port, self.certificate, NAME
        )


class Tally:
    """What was right and what was wrong."""

    def __init__(self):
        self.right = self.wrong = 0

    def note(self, who, lines, least=1):
        """Counts lines that begin with OK or WRONG, and shows them; too few are wrong, too."""
        for line in lines:
            print(f"{who}: {line}")
        right = sum(line.startswith("OK") for line in lines)
        self.right += right
        self.wrong += len(lines) - right
        if right < least and len(lines) == right:
            print(f"{who}: WRONG: only {right} cases ran")
            self.wrong += 1


def options():
    """What the command line says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--binaries", type=pathlib.Path, help="the folder of the built programs")
    return parser.parse_args()


def built():
    """Where Swift puts what it builds."""
    command = ["swift", "build", "--show-bin-path"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return pathlib.Path(done.stdout.strip())


def main():
    """Runs everything, and tells how many cases were wrong."""
    began = time.monotonic()
    tally = Tally()
    with Programs(options().binaries or built()) as programs:
        cpp = reference_cpp.Cpp(programs)
        process, port = programs.serve()
        _, direct = programs.serve("--direct")
        cases = programs.cases()
        for server, listening in (("our server", port), ("our server, direct", direct)):
            tally.note(f"our client, {server}", programs.check(listening), len(cases))
            tally.note(f"reference client, {server}", programs.check_by_reference(listening), 15)
        reference = programs.serve_by_reference()
        kept = [case for case in cases if case not in NOT_ON_REFERENCE]
        tally.note("our client, reference server", programs.check(reference, kept), len(kept))
        calls = reference_calls.Calls(programs, port)
        reference_calls.run(calls, tally)
        reference_calls.run(reference_strangers.Strangers(calls, direct), tally)
        cpp.run({"our server": port, "our server, direct": direct}, cases, tally)
        process.send_signal(signal.SIGTERM)
        if process.wait(WAIT_SECONDS) != 0:
            tally.note("our server", ["WRONG: it ends badly"])
    seconds = time.monotonic() - began
    print(f"{tally.right + tally.wrong} cases, {tally.wrong} wrong, {seconds:.1f} s")
    sys.exit(1 if tally.wrong else 0)


main()
