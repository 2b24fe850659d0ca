"""The registry under test: registryd with a data folder of its own, and the partners it calls."""

import json
import os
import pathlib
import select
import shutil
import signal
import subprocess
import tempfile

from people import openssl

STARTING_SECONDS = 120
ENDING_SECONDS = 45


class House:
    """Both programs running; ends them, and removes the folder, when it is left."""

    def __init__(self, root, binaries):
        self.script = root / "Sources/PartnerSimulators/Resources/script.tsv"
        self.binaries = binaries
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="interop-"))
        # The database server's user goes through it; what is secret in it is closed to him.
        self.folder.chmod(0o755)
        self.data = self.folder / "data"
        self.messages = self.folder / "messages.jsonl"
        self.processes = []
        self.failed = False

    def __enter__(self):
        try:
            self.start()
        except BaseException:
            self.failed = True
            self.stop()
            raise
        return self

    def __exit__(self, kind, *_):
        self.failed = self.failed or kind is not None
        self.stop()

    def start(self):
        """Mints certificates, starts the partners, then the registry."""
        minted = [self.binaries / "registryd", "mint", "--data", self.data]
        subprocess.run(minted, check=True, stdout=subprocess.DEVNULL)
        self.write_script("")
        self.partners = self.run(
            "PartnerSimulators",
            "--listen", "127.0.0.1:0", "--trust", self.authority,
            "--certificate", self.certificate("gateways"), "--key", self.key("gateways"),
            "--script", self.folder / "script.tsv", "--messages", self.messages,
        )
        gateways = self.line(self.partners).removeprefix("listening on ")
        registry = self.run(
            "registryd", "--data", self.data, "--gateways", gateways,
            "--outer", "127.0.0.1:0", "--inner", "127.0.0.1:0",
            "--identity-verification", "enforced",
        )
        endpoints = json.loads(self.line(registry))
        self.outer, self.inner = endpoints["outer"], endpoints["inner"]

    def run(self, name, *arguments):
        """Starts a program whose messages go to a file."""
        with open(self.folder / f"{name}.log", "wb") as log:
            process = subprocess.Popen(
                [self.binaries / name, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
            )
        self.processes.append(process)
        return process

    def line(self, process):
        """The next line that a program prints."""
        ready, _, _ = select.select([process.stdout], [], [], STARTING_SECONDS)
        text = process.stdout.readline().decode().strip() if ready else ""
        if not text:
            raise SystemExit(f"{process.args[0]} does not start")
        return text

    def stop(self):
        """Ends the programs, the last started first, and shows their words if something failed."""
        for process in reversed(self.processes):
            process.send_signal(signal.SIGTERM)
            try:
                status = process.wait(ENDING_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                status = process.wait()
            if status != 0:
                print(f"{process.args[0]} ended with {status}")
                self.failed = True
        self.stop_database()
        if self.failed:
            for log in sorted(self.folder.glob("*.log")):
                print(f"--- {log.name}\n" + log.read_text(errors="replace")[-4_000:])
        shutil.rmtree(self.folder, ignore_errors=True)

    def stop_database(self):
        """Ends a database server that a killed registry left behind."""
        pid_file = self.data / "postgres/postmaster.pid"
        if pid_file.exists():
            os.kill(int(pid_file.read_text().split("\n", 1)[0]), signal.SIGINT)

    def write_script(self, rows):
        """Writes the partners' script: the fictional persons, then these rows."""
        text = self.script.read_text(encoding="utf-8") + rows
        (self.folder / "script.tsv").write_text(text, encoding="utf-8")

    def follow(self, rows):
        """Has the partners follow the script with these rows."""
        self.write_script(rows)
        self.partners.send_signal(signal.SIGHUP)
        return self.line(self.partners) == "script read"

    def mint_stranger(self):
        """Mints a certificate of an authority that nobody here trusts."""
        openssl(
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc",
            "-days", "2", "-subj", "/CN=stranger",
            "-keyout", self.key("stranger"), "-out", self.certificate("stranger"),
        )

    def sent_messages(self):
        """The messages that the SMS gateway was given."""
        if not self.messages.exists():
            return []
        return [json.loads(line) for line in self.messages.read_text("utf-8").splitlines()]

    @property
    def authority(self):
        """The root of all certificates."""
        return self.data / "ca/ca.pem"

    @property
    def licence_key(self):
        """The key that licences and volumes are signed with."""
        return self.data / "ca/registry-sm2.pub"

    def certificate(self, name):
        """Somebody's certificate."""
        return self.data / f"tls/{name}.pem"

    def key(self, name):
        """Somebody's private key."""
        return self.data / f"tls/{name}.key"
