"""Names: the library, verdicts, reservations."""

from people import new_id
from stubs import pb
from table import Row

FREE = {
    "enterprise_name": "沈阳星漪软件有限公司",
    "trade_name": "星漪",
    "industry_words": "软件",
    "industry_class": "6513",
    "entity_type": "1151",
    "region_code": "210100",
}
SPARE = FREE | {"enterprise_name": "沈阳云岭软件有限公司", "trade_name": "云岭"}
TAKEN = FREE | {"enterprise_name": "沈阳泉澄软件有限公司", "trade_name": "泉澄"}
UNLAWFUL = FREE | {"enterprise_name": "沈阳漪软件有限公司", "trade_name": "漪"}


def library(_):
    """A name of the library."""
    return pb.ImportNamesRequest(
        names=[
            pb.LibraryName(
                library_id="I01",
                enterprise_name=TAKEN["enterprise_name"],
                division="沈阳",
                trade_name=TAKEN["trade_name"],
                industry_words="软件",
                organization_form="有限公司",
                industry_class="6513",
                entity_type="1130",
                scope_code="210100",
                standing="STANDING_REGISTERED",
            )
        ],
        request_id=new_id(),
    )


def reserving(*candidates):
    """Makes a request to reserve one of these."""
    return lambda s: pb.ReserveNameRequest(candidates=candidates, request_id=new_id())


def once(state):
    """The request for the name of the company: the same, request id and all, however often."""
    if not hasattr(state, "once"):
        state.once = reserving(TAKEN, FREE)(state)
    return state.once


def releasing(state, etag=None):
    """A request to give the spare name up."""
    return pb.ReleaseReservationRequest(
        name=state.spare.name, etag=etag or state.spare.etag, request_id=new_id()
    )


ROWS = [
    Row("grpcio", "Name.ImportNames", "administrator", "OK", library,
        lambda s, r: r[0].imported_count == 1),
    Row("both", "Name.ImportNames", "administrator", "INVALID_ARGUMENT NAME_LIBRARY_INVALID",
        lambda s: pb.ImportNamesRequest(names=[{}], request_id=new_id())),
    Row("both", "Name.ImportNames", "clerk", "PERMISSION_DENIED CALLER_NOT_PERMITTED", library),
    Row("both", "Name.CheckName", "nobody", "OK", lambda s: pb.CheckNameRequest(candidate=FREE),
        lambda s, r: r[0].outcome == 1 and not r[0].violations),
    Row("both", "Name.CheckName", "nobody", "OK", lambda s: pb.CheckNameRequest(candidate=TAKEN),
        lambda s, r: r[0].outcome == 4 and r[0].hits[0].library_id == "I01"),
    Row("both", "Name.CheckName", "examiner", "OK",
        lambda s: pb.CheckNameRequest(candidate=UNLAWFUL),
        lambda s, r: r[0].outcome == 4 and "V03" in [v.rule for v in r[0].violations]),
    Row("both", "Name.CheckName", "nobody", "INVALID_ARGUMENT NAME_REQUEST_INVALID",
        lambda s: pb.CheckNameRequest()),
    Row("both", "Name.ReserveName", "nobody", "UNAUTHENTICATED CALLER_UNAUTHENTICATED",
        reserving(FREE)),
    Row("both", "Name.ReserveName", "T01", "INVALID_ARGUMENT NAME_REQUEST_INVALID", reserving()),
    Row("both", "Name.ReserveName", "T01", "INVALID_ARGUMENT NAME_INVALID", reserving(UNLAWFUL)),
    Row("both", "Name.ReserveName", "T01", "ALREADY_EXISTS NAME_TAKEN", reserving(TAKEN)),
    Row("grpcio", "Name.ReserveName", "T01", "OK", once,
        lambda s, r: r[0].candidate.enterprise_name == FREE["enterprise_name"],
        keep="reservation"),
    # A repeat by its request id, by whichever client, gets the first reply.
    Row("both", "Name.ReserveName", "T01", "OK", once, lambda s, r: r[0] == s.reservation),
    Row("both", "Name.ReserveName", "T14", "FAILED_PRECONDITION AGREEMENT_UNSIGNED",
        reserving(FREE)),
    Row("both", "Name.ReserveName", "T02", "ALREADY_EXISTS NAME_TAKEN", reserving(FREE)),
    Row("grpcurl", "Name.ReserveName", "T01", "OK", reserving(SPARE), keep="spare"),
    Row("both", "Name.GetReservation", "T01", "OK",
        lambda s: pb.GetReservationRequest(name=s.reservation.name),
        lambda s, r: r[0] == s.reservation),
    Row("both", "Name.GetReservation", "clerk", "OK",
        lambda s: pb.GetReservationRequest(name=s.reservation.name),
        lambda s, r: r[0].declarant == s.T01.account),
    Row("both", "Name.GetReservation", "T02", "NOT_FOUND RESERVATION_NOT_FOUND",
        lambda s: pb.GetReservationRequest(name=s.reservation.name)),
    Row("both", "Name.ListReservations", "T01", "OK",
        lambda s: pb.ListReservationsRequest(page_size=1),
        lambda s, r: [n.name for n in r[0].reservations] == [s.spare.name], keep="page"),
    Row("both", "Name.ListReservations", "T01", "OK",
        lambda s: pb.ListReservationsRequest(page_size=1, page_token=s.page.next_page_token),
        lambda s, r: [n.name for n in r[0].reservations] == [s.reservation.name]),
    Row("both", "Name.ListReservations", "T01", "INVALID_ARGUMENT PAGE_TOKEN_INVALID",
        lambda s: pb.ListReservationsRequest(page_token="?")),
    Row("both", "Name.ReleaseReservation", "T01", "ABORTED RESERVATION_STALE",
        lambda s: releasing(s, s.spare.etag[::-1])),
    Row("grpcurl", "Name.ReleaseReservation", "T01", "OK", releasing,
        lambda s, r: r[0].state == 2, keep="spare"),
    Row("both", "Name.ReleaseReservation", "T01", "FAILED_PRECONDITION RESERVATION_NOT_LIVE",
        releasing),
]
