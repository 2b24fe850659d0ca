"""Clients that behave: journeys, verifications, reads, watches, and questions that must be refused."""

import collections
import itertools
import json
import random
import subprocess
import threading
import time
import traceback

import grpc

import stubs
from clients import Call, health_check
from people import new_id
from stubs import pb

# Each lane has people of its own, so that no two register the same person at once.
JOURNEYS = (
    ("C01.json", "C06.json", "C08.json", "returned.json", "C09.json", "declined.json", "C11.json", "rejected.json"),
    ("C02.json", "C07.json"),
    ("C05.json",),
)
BANK, AUDITOR = "partner-icbc-shenyang", "staff-S21010006"
SCENARIOS = "Clients/registryctl/Scenarios"


class Load:
    """The lanes, each a thread that repeats one thing, and what they found."""

    def __init__(self, house, root, binaries, client):
        self.house, self.root, self.binaries, self.client = house, root, binaries, client
        self.stopping = threading.Event()
        self.lock = threading.Lock()
        self.counts = collections.Counter()
        self.failures = []
        self.codes, self.volumes = [], []
        self.threads = []

    def start(self, lanes):
        """Starts the lanes: names and functions, called again and again."""
        for name, act in lanes:
            thread = threading.Thread(target=self.repeat, args=(name, act), name=name, daemon=True)
            self.threads.append(thread)
            thread.start()

    def repeat(self, name, act):
        """One lane's life; its first failure is kept."""
        while not self.stopping.is_set():
            try:
                act()
                with self.lock:
                    self.counts[name] += 1
            except Exception:  # whatever it is, it is told at the end
                with self.lock:
                    self.failures.append(f"{name}: {traceback.format_exc(limit=3)}")
                return

    def stop(self):
        """Lets each lane end what it does."""
        self.stopping.set()
        for thread in self.threads:
            thread.join(120)
            if thread.is_alive():
                self.failures.append(f"{thread.name} does not end")
        self.client.close()

    def unfinished(self):
        """What was not done though it should have been."""
        undone = [name for name in ("journey", "verify", "read", "watch", "refused") if not self.counts[name]]
        return [f"nothing was done of: {', '.join(undone)}"] if undone and not self.failures else []

    def summary(self):
        """What has been done so far."""
        with self.lock:
            return ", ".join(f"{count} {name}" for name, count in sorted(self.counts.items()))

    def tallies(self):
        """What has been done, a line a lane."""
        return [f"{count:8} {name}" for name, count in sorted(self.counts.items())]

    def call(self, method, request, certificate="", token="", seconds=30):
        """Makes a call at the door of whoever's certificate it is."""
        service, name = method.split(".")
        files = (str(self.house.certificate(certificate)), str(self.house.key(certificate))) if certificate else ()
        endpoint = self.house.inner if certificate.startswith("staff") else self.house.outer
        return self.client.call(Call(service, name, request, endpoint, files, token, seconds))

    def some(self, things):
        """One of the last things, once there is one; nothing when all ends."""
        while not things:
            if self.stopping.wait(0.2):
                return None
        return random.choice(things[-200:])

    def expect(self, status, method, request, **how):
        """Makes a call that must end so; returns its replies."""
        outcome = self.call(method, request, **how)
        if outcome.status != status:
            raise AssertionError(f"{method}: {outcome.status}, not {status}: {outcome.words}")
        return outcome.replies


def lanes(load):
    """The lanes of those who behave."""
    return (
        [("journey", journeys(load, index)) for index in range(len(JOURNEYS))]
        + [("verify", lambda: verify(load))] * 3
        + [("read", lambda: read(load))] * 2
        + [("watch", lambda: watch(load)), ("download", lambda: download(load)), ("refused", lambda: refused(load))]
    )


def journeys(load, index):
    """Runs scenario after scenario; every one must end as its file says."""
    files = itertools.cycle(JOURNEYS[index])

    def act():
        path = load.root / SCENARIOS / next(files)
        command = [load.binaries / "registryctl", "journey", path, "--data", load.house.data, "--json",
                   "--library", load.root / SCENARIOS / "name-library.tsv"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        events = [json.loads(line) for line in done.stdout.splitlines()]
        if done.returncode != 0 or not events or not events[-1].get("passed"):
            raise AssertionError(f"{path.name} ended with {done.returncode}: {done.stderr[-1500:]}\n{done.stdout[-500:]}")
        with load.lock:
            load.codes += [event["license"].removeprefix("licenses/") for event in events if event.get("license")]
            archivist = f"staff-S{json.loads(path.read_text('utf-8'))['name']['region_code']}04"
            if load.house.certificate(archivist).exists():
                load.volumes += [(event["volume"], archivist) for event in events if event.get("volume")]

    return act


def verify(load):
    """A bank verifies a licence that was issued in a journey, 20 times."""
    code = load.some(load.codes)
    for _ in range(20 if code else 0):
        reply, = load.expect("OK", "License.VerifyLicense", pb.VerifyLicenseRequest(credit_code=code, purpose="ACCOUNT_OPENING"),
                             certificate=BANK)
        if not (reply.authentic and reply.current_version):
            raise AssertionError(f"the licence of {code} is not what was issued: {reply}")


def read(load):
    """An auditor reads the trace by pages, and everybody the agreement and the health."""
    head, = load.expect("OK", "Trace.GetChainHead", pb.GetChainHeadRequest(), certificate=AUDITOR)
    token, seen = "", set()
    for _ in range(3):
        page, = load.expect("OK", "Trace.ListEvents", pb.ListEventsRequest(page_size=40, page_token=token), certificate=AUDITOR)
        names = [event.name for event in page.events]
        if seen & set(names) or len(names) > 40:
            raise AssertionError(f"pages overlap: {seen & set(names)}")
        seen |= set(names)
        token = page.next_page_token
        if not token:
            break
    again, = load.expect("OK", "Trace.GetChainHead", pb.GetChainHeadRequest(), certificate=AUDITOR)
    if again.size < head.size:
        raise AssertionError(f"the chain went back from {head.size} to {again.size}")
    agreement, = load.expect("OK", "Account.GetAgreement", pb.GetAgreementRequest(name="agreements/current"))
    health, = load.expect("OK", "Health.Check", health_check())
    if not agreement.text or health.status != 1:
        raise AssertionError("no agreement, or not serving")


def watch(load):
    """Holds watches open, and gives them up or lets their deadline pass."""
    if random.random() < 0.5:
        load.expect("DEADLINE_EXCEEDED", "Health.Watch", health_check(), seconds=random.uniform(0.2, 2))
        return
    channel = grpc.secure_channel(load.house.outer, grpc.ssl_channel_credentials(load.client.roots))
    descriptor = stubs.method("grpc.health.v1.Health", "Watch")
    invoke = channel.unary_stream("/grpc.health.v1.Health/Watch", type(health_check()).SerializeToString,
                                  stubs.message(descriptor.output_type).FromString)
    watches = [invoke(health_check(), timeout=30) for _ in range(20)]
    for open_watch in watches:
        if next(open_watch).status != 1:
            raise AssertionError("not serving")
    time.sleep(random.uniform(0, 0.5))
    for open_watch in watches[::2]:
        open_watch.cancel()
    # The other half ends with its connection.
    channel.close()


def download(load):
    """An archivist downloads a sealed volume, whole or until he has had enough."""
    found = load.some(load.volumes)
    if found is None:
        return
    volume, archivist = found
    replies = load.expect("OK", "Archive.DownloadVolume", pb.DownloadVolumeRequest(name=volume), certificate=archivist)
    if sum(len(reply.chunk) for reply in replies) % 10_240 != 0:
        raise AssertionError(f"{volume} is no tar file")


def refused(load):
    """What is wrong is refused with its own status, and costs nothing."""
    load.expect("INVALID_ARGUMENT LICENSE_REQUEST_INVALID", "License.VerifyLicense",
                pb.VerifyLicenseRequest(credit_code="x" * random.randint(0, 9_000), purpose="ACCOUNT_OPENING"), certificate=BANK)
    load.expect("INVALID_ARGUMENT PAGE_TOKEN_INVALID", "Trace.ListEvents",
                pb.ListEventsRequest(page_token=f"?{new_id()}"), certificate=AUDITOR)
    load.expect("UNAUTHENTICATED CALLER_UNAUTHENTICATED", "Filing.ListFilings", pb.ListFilingsRequest(), token=new_id())
    load.expect("UNIMPLEMENTED", f"Filing.NoSuch{random.randint(0, 1 << 30)}", health_check())
