"""What the benchmarks share: building, starting, and saying what they do."""

import json
import os
import pathlib
import signal
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
TICKS = os.sysconf("SC_CLK_TCK")
SCRATCH = ROOT / ".build-bench"


def say(text):
    """Progress and remarks, which are no figures."""
    print(text, file=sys.stderr, flush=True)


def figure(name, value, unit, rival="-", ratio="-"):
    """One figure, as a line: a plain decimal value, its unit, what it is compared with, the ratio to that."""
    print(name, value, unit, rival, ratio, sep="\t", flush=True)


def run(command, **options):
    """Runs a command to its end; its output is shown only if it fails."""
    result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options)
    if result.returncode != 0:
        say(result.stdout)
        sys.exit(f"{command[0]} failed with code {result.returncode}")
    return result.stdout


def build(*products, whole=False, scratch=SCRATCH):
    """Builds programs in release; returns their folder.

    `whole` also optimizes across modules, as the transport's front page recommends for servers: a sixth less CPU a call. With it the
    clients, which inline all of the generated code, take a quarter of an hour to compile.
    """
    flags = ["-c", "release", "--scratch-path", str(scratch / ("whole" if whole else "plain")), "--static-swift-stdlib"]
    if whole:
        flags += ["-Xswiftc", "-cross-module-optimization"]
    for product in products:
        say(f"building {product}")
        run(["swift", "build", *flags, "--product", product], cwd=ROOT)
    return pathlib.Path(run(["swift", "build", *flags, "--show-bin-path"], cwd=ROOT).strip().splitlines()[-1])


def registry_programs(folder=None):
    """The server, optimized across modules, and the program that prepares its load; or those in a folder."""
    if folder:
        return folder.resolve() / "registryd", folder.resolve() / "load-client"
    return build("registryd", whole=True) / "registryd", build("load-client") / "load-client"


def build_rpc_load(scratch=SCRATCH):
    """Compiles the load generator; again only if its source is newer."""
    source, program = ROOT / "Tests/Benchmarks/cpp/rpc_load.cc", scratch / "cpp/rpc-load"
    if not program.exists() or program.stat().st_mtime < source.stat().st_mtime:
        say("building rpc-load")
        program.parent.mkdir(parents=True, exist_ok=True)
        run(["g++", "-std=c++20", "-O2", str(source), "-o", str(program), "-lnghttp2", "-lssl", "-lcrypto"])
    return program


class Program:
    """A server process that says on its first line of output where it listens."""

    def __init__(self, *command):
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True)
        self.first_line = self.process.stdout.readline().strip()
        if not self.first_line:
            self.stop()
            sys.exit(f"{command[0]} does not start")

    def cpu_seconds(self):
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def peak_megabytes(self):
        """The most memory that was resident at once."""
        for line in pathlib.Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
        return 0.0

    def stop(self):
        """Ends it as an operator does, and waits for the drain."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(60)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


class Registry(Program):
    """A `registryd` with a private database and a development CA in a data folder."""

    def __init__(self, program, data, *flags):
        super().__init__(program, "--data", data, "--outer", "127.0.0.1:0", "--inner", "127.0.0.1:0", *flags)
        self.data = pathlib.Path(data)
        self.endpoints = json.loads(self.first_line)

    def outer_port(self):
        return int(self.endpoints["outer"].rpartition(":")[2])

    def inner_port(self):
        return int(self.endpoints["inner"].rpartition(":")[2])

    def certificate(self, name):
        return str(self.data / "tls" / f"{name}.pem")

    def key(self, name):
        return str(self.data / "tls" / f"{name}.key")
