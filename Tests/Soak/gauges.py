"""What registryd holds: memory, descriptors, threads, connections to its database."""

import dataclasses
import os
import pathlib
import subprocess


@dataclasses.dataclass(frozen=True)
class Sample:
    """One look."""

    megabytes: float
    descriptors: int
    threads: int
    connections: int

    def __str__(self):
        return (f"{self.megabytes:.0f} MB, {self.descriptors} descriptors, {self.threads} threads, "
                f"{self.connections} database connections")


class Gauges:
    """Reads a process and its private database cluster."""

    def __init__(self, house, process):
        self.folder = pathlib.Path(f"/proc/{process}")
        self.socket = (house.data / "postgres/data/postmaster.pid").read_text().splitlines()[4]

    def read(self):
        """Looks once."""
        status = dict(line.split(":", 1) for line in (self.folder / "status").read_text().splitlines())
        return Sample(
            megabytes=int(status["VmRSS"].split()[0]) / 1024,
            descriptors=len(os.listdir(self.folder / "fd")),
            threads=int(status["Threads"]),
            connections=int(self.ask("SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' "
                                     "AND pid <> pg_backend_pid()")),
        )

    def ask(self, query):
        """What the database says, as text."""
        command = ["psql", "-h", self.socket, "-U", "registry", "-AtX", "-v", "ON_ERROR_STOP=1", "-c", query, "postgres"]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
