"""Mixed load on registryd for MINUTES: everything that is kept must come back to what it was; `--help` tells the options.

Three registryctl run journeys, threads verify their licences, read, watch and ask what is refused, others break off wherever it hurts,
and the licences and messages are pushed to the partners. Every answer is checked. A line a minute tells where the process stands.
"""

import argparse
import pathlib
import statistics
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "Tests/Interop"))

import stubs  # noqa: E402
from clients import Grpcio  # noqa: E402
from house import House  # noqa: E402

import breakers  # noqa: E402
import callers  # noqa: E402
from gauges import Gauges  # noqa: E402

# What may be more at the end than after the warm-up.
MEMORY_SHARE, MEMORY_MEGABYTES = 1.10, 16
SPARE_DESCRIPTORS, SPARE_CONNECTIONS = 8, 2
QUIET_SECONDS = 30


def options():
    """What the command line says."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=60, help="of load, the warm-up included; from 0.3")
    parser.add_argument("--binaries", type=pathlib.Path, required=True, help="the folder of the built programs")
    return parser.parse_args()


def main():
    """Starts the house and the load, tells a line a minute, and the verdict."""
    chosen = options()
    seconds = max(20, chosen.minutes * 60)
    with House(ROOT, chosen.binaries) as house:
        stubs.generate(ROOT, house.folder)
        house.mint_stranger()
        gauges = Gauges(house, house.processes[1].pid)
        idle = gauges.read()
        load = callers.Load(house, ROOT, chosen.binaries, Grpcio(house.authority))
        load.start(callers.lanes(load) + breakers.lanes(load))
        samples = watch(load, gauges, seconds)
        load.stop()
        findings = load.failures or load.unfinished() + delivered(gauges) + settle(gauges, idle) + judge(samples)
        for line in load.tallies():
            print(line)
        for finding in findings:
            print(f"WRONG: {finding}")
        house.failed = bool(findings)
    if house.failed:
        sys.exit("soak: not flat, or wrong answers")
    print(f"flat for {seconds / 60:.1f} minutes, every answer right")


def watch(load, gauges, seconds):
    """Samples twice a second until the time is over; returns the samples with their times."""
    begin = time.monotonic()
    samples, told = [], begin
    while (now := time.monotonic()) - begin < seconds and not load.failures:
        sample = gauges.read()
        samples.append((now - begin, sample))
        if now - told >= 60 or len(samples) == 1:
            told = now
            print(f"{(now - begin) / 60:5.1f} min  {sample}  {load.summary()}", flush=True)
        time.sleep(0.5)
    return samples


def judge(samples):
    """Compares a fifth of the time after the warm-up, which is two fifths and at most 5 minutes, with the last fifth."""
    end = samples[-1][0]
    warm = min(300, end * 2 / 5)
    after = [sample for at, sample in samples if warm <= at < warm + end / 5]
    last = [sample for at, sample in samples if at >= end * 4 / 5]
    middle = lambda rows, name: statistics.median(getattr(row, name) for row in rows)  # noqa: E731
    before, now = middle(after, "megabytes"), middle(last, "megabytes")
    limit = before * MEMORY_SHARE + MEMORY_MEGABYTES
    print(f"memory {before:.0f} MB after the warm-up, {now:.0f} MB at the end, at most {limit:.0f} MB")
    findings = [] if now <= limit else [f"memory grew from {before:.0f} to {now:.0f} MB"]
    for name, spare in (("descriptors", SPARE_DESCRIPTORS), ("threads", 0), ("connections", SPARE_CONNECTIONS)):
        before, now = middle(after, name), middle(last, name)
        print(f"{name} {before:.0f} after the warm-up, {now:.0f} at the end")
        if now > before + spare:
            findings.append(f"{name} grew from {before:.0f} to {now:.0f}")
    return findings


def delivered(gauges):
    """Without load, everything that partners must be told has reached them."""
    end = time.monotonic() + QUIET_SECONDS
    while True:
        states = dict(line.split("|") for line in gauges.ask("SELECT state, count(*) FROM outbox.delivery GROUP BY state").splitlines())
        if set(states) == {"delivered"}:
            print(f"{states['delivered']} messages delivered to partners")
            return []
        if time.monotonic() > end:
            return [f"messages to partners are left: {states}"]
        time.sleep(0.5)


def settle(gauges, idle):
    """Without load, descriptors come back to what they were before it, but for the pool's connections."""
    end = time.monotonic() + QUIET_SECONDS
    while True:
        now = gauges.read()
        extra = now.descriptors - idle.descriptors - (now.connections - idle.connections)
        if extra <= SPARE_DESCRIPTORS:
            print(f"settled  {now}")
            return []
        if time.monotonic() > end:
            return [f"{extra} descriptors are left after the load: {now}, before it {idle}"]
        time.sleep(0.5)


if __name__ == "__main__":
    try:
        main()
    except subprocess.CalledProcessError as error:
        sys.exit(f"soak: {error}\n{error.stderr}")
