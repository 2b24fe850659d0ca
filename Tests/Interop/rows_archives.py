"""Archives: the volume of the filing, packaged, sealed, downloaded; and the trace of it all."""

import io
import tarfile

from people import new_id, sm3
from rows_reviews import code
from stubs import pb
from table import Fact, Row

PACKAGED, SEALED = 1, 2


def reading(state):
    """A request to read the archive."""
    return pb.GetArchiveRequest(name=f"archives/{code(state)}")


def packaging(state):
    """A request to package the filing."""
    return pb.PackageVolumeRequest(filing=state.filing.name, request_id=new_id())


def volume(request):
    """Makes a request about the volume."""
    return lambda s: getattr(pb, request)(name=s.volume.name)


def sealing(state, etag=None):
    """A request to seal the volume."""
    return pb.SealVolumeRequest(
        name=state.volume.name, etag=etag or state.volume.etag, request_id=new_id()
    )


def is_package(state, replies):
    """Judges the downloaded chunks: whole, and a tar file of the volume's items."""
    content = b"".join(reply.chunk for reply in replies)
    with tarfile.open(fileobj=io.BytesIO(content)) as package:
        items = {member.name: sm3(package.extractfile(member).read())
                 for member in package.getmembers() if member.isfile()}
    listed = {item.path: item.content_sm3 for item in state.volume.items}
    return sm3(content) == state.volume.package_sm3 and listed.items() <= items.items()


ARCHIVES = [
    Row("both", "Archive.PackageVolume", "clerk", "PERMISSION_DENIED CALLER_NOT_PERMITTED",
        packaging),
    Row("both", "Archive.PackageVolume", "archivist of Dalian", "NOT_FOUND FILING_NOT_FOUND",
        packaging),
    Row("grpcio", "Archive.PackageVolume", "archivist", "OK", packaging,
        lambda s, r: r[0].state == PACKAGED and len(r[0].items) > 5, keep="volume"),
    Row("both", "Archive.PackageVolume", "archivist", "ALREADY_EXISTS VOLUME_EXISTS", packaging),
    Row("both", "Archive.DownloadVolume", "archivist", "FAILED_PRECONDITION VOLUME_NOT_SEALED",
        volume("DownloadVolumeRequest")),
    Row("both", "Archive.CheckVolume", "archivist", "OK", volume("CheckVolumeRequest"),
        lambda s, r: r[0].passed and {point.property for point in r[0].points} == {1, 2, 3, 4}),
    Row("both", "Archive.SealVolume", "archivist", "ABORTED VOLUME_STALE",
        lambda s: sealing(s, "bm90IGl0")),
    Row("grpcurl", "Archive.SealVolume", "archivist", "OK", sealing,
        lambda s, r: r[0].state == SEALED),
    Row("both", "Archive.SealVolume", "archivist", "FAILED_PRECONDITION VOLUME_SEALED", sealing),
    Row("both", "Filing.GetFiling", "T01", "OK",
        lambda s: pb.GetFilingRequest(name=s.filing.name), lambda s, r: r[0].state == 11),
    Row("both", "Archive.GetArchive", "T01", "OK", reading, lambda s, r: r[0].volume_count == 1),
    Row("both", "Archive.GetArchive", "T02", "NOT_FOUND ARCHIVE_NOT_FOUND", reading),
    Row("both", "Archive.ListVolumes", "auditor", "OK",
        lambda s: pb.ListVolumesRequest(parent=f"archives/{code(s)}"),
        lambda s, r: [one.name for one in r[0].volumes] == [s.volume.name]),
    Row("both", "Archive.ListVolumes", "T01", "INVALID_ARGUMENT PAGE_TOKEN_INVALID",
        lambda s: pb.ListVolumesRequest(parent=f"archives/{code(s)}", page_token="?")),
    Row("both", "Archive.GetVolume", "T01", "OK", volume("GetVolumeRequest"), keep="volume"),
    Row("both", "Archive.GetVolume", "T02", "NOT_FOUND VOLUME_NOT_FOUND",
        volume("GetVolumeRequest")),
    Row("both", "Archive.DownloadVolume", "archivist", "OK", volume("DownloadVolumeRequest"),
        is_package),
    Row("both", "Archive.DownloadVolume", "T01", "OK", volume("DownloadVolumeRequest"),
        is_package),
    Row("both", "Archive.DownloadVolume", "clerk", "PERMISSION_DENIED CALLER_NOT_PERMITTED",
        volume("DownloadVolumeRequest")),
]


def kinds(replies):
    """The kinds of the events listed."""
    return [event.kind for event in replies[0].events]


def own_events(state):
    """A request for the events of the filing."""
    return pb.ListEventsRequest(filing=state.filing.name)


TRACE = [
    Row("both", "Trace.ListEvents", "T01", "OK", own_events,
        lambda s, r: "filing.submitted" in kinds(r)
        and s.T01.number not in str(r), keep="events"),
    Row("both", "Trace.ListEvents", "auditor", "OK", own_events,
        lambda s, r: len(r[0].events) >= len(s.events.events)),
    Row("both", "Trace.ListEvents", "T14", "OK", own_events, lambda s, r: not kinds(r)),
    Row("both", "Trace.ListEvents", "T01", "INVALID_ARGUMENT TRACE_REQUEST_INVALID",
        lambda s: pb.ListEventsRequest(filing="?")),
    Row("both", "Trace.ListEvents", "T01", "INVALID_ARGUMENT PAGE_TOKEN_INVALID",
        lambda s: pb.ListEventsRequest(page_token="?")),
    Row("both", "Trace.GetEvent", "T01", "OK",
        lambda s: pb.GetEventRequest(name=s.events.events[0].name),
        lambda s, r: r[0].kind == s.events.events[0].kind),
    Row("both", "Trace.GetEvent", "T14", "NOT_FOUND EVENT_NOT_FOUND",
        lambda s: pb.GetEventRequest(name=s.events.events[0].name)),
    Row("both", "Trace.GetChainHead", "bank", "OK", lambda s: pb.GetChainHeadRequest(),
        lambda s, r: r[0].size > 0 and len(r[0].chain_sm3) == 32),
    Row("both", "Trace.VerifyChain", "auditor", "OK", lambda s: pb.VerifyChainRequest(),
        lambda s, r: r[0].intact and r[0].checked_count > 0),
    Row("both", "Trace.VerifyChain", "auditor", "INVALID_ARGUMENT TRACE_REQUEST_INVALID",
        lambda s: pb.VerifyChainRequest(start_index=-1)),
    Row("both", "Trace.VerifyChain", "clerk", "PERMISSION_DENIED CALLER_NOT_PERMITTED",
        lambda s: pb.VerifyChainRequest()),
    Row("both", "Trace.VerifyChain", "auditor at outer", "UNAUTHENTICATED CALLER_UNAUTHENTICATED",
        lambda s: pb.VerifyChainRequest()),
    Fact("each delivery came once", lambda s: len(
        {message["delivery_id"] for message in s.house.sent_messages()}
    ) == len(s.house.sent_messages())),
]

ROWS = ARCHIVES + TRACE
