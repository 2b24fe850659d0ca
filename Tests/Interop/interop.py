"""Runs the table of calls against the built programs; `--help` tells the options."""

import argparse
import pathlib
import subprocess
import sys
import time
import types

import stubs
from clients import Grpcio, Grpcurl
from house import House
from people import PERSONS, Company, Person
from table import Cast, Fact, Run

import rows_accounts
import rows_archives
import rows_endings
import rows_filings
import rows_names
import rows_reviews
import rows_standard
import rows_tls

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent


def options():
    """What the command line says."""
    parser = argparse.ArgumentParser(description="Drive registryd by grpcio and grpcurl.")
    parser.add_argument("--binaries", type=pathlib.Path, help="the folder of the built programs")
    return parser.parse_args()


def built():
    """Where Swift puts what it builds."""
    command = ["swift", "build", "--show-bin-path"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return pathlib.Path(done.stdout.strip())


def main():
    """Starts the house, runs all rows, and tells how many were wrong."""
    began = time.monotonic()
    with House(ROOT, options().binaries or built()) as house:
        descriptors = stubs.generate(ROOT, house.folder)
        people = {name: Person(house.folder, name) for name in PERSONS}
        people["company"] = Company(house.folder, "company")
        house.mint_stranger()
        clients = {
            "grpcio": Grpcio(house.authority),
            "grpcurl": Grpcurl(house.authority, descriptors),
        }
        run = Run(types.SimpleNamespace(house=house, **people), Cast(house, people), clients)
        for rows in (
            rows_standard.ROWS,
            rows_tls.ROWS,
            rows_accounts.ROWS,
            rows_names.ROWS,
            rows_filings.ROWS,
            rows_reviews.ROWS,
            rows_archives.ROWS,
            rows_endings.ROWS,
        ):
            run.rows(rows)
        run.rows([Fact("every method has a row", lambda s: stubs.methods() <= run.methods)])
        for client in clients.values():
            client.close()
        house.failed = run.wrong > 0
    seconds = time.monotonic() - began
    print(f"{run.right + run.wrong} rows, {run.wrong} wrong, {seconds:.1f} s")
    sys.exit(1 if house.failed else 0)


main()
