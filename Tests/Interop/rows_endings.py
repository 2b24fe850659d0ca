"""The other ends of a filing: declined, withdrawn, rejected; an individual business each time."""

from people import new_id
from rows_filings import SUBMITTED, WITHDRAWN, signed_by, stands, step
from rows_names import FREE, reserving
from rows_reviews import ACCEPTED, EXAMINED, examining, with_reason
from stubs import pb
from table import Row

NOT_ACCEPTED, REJECTED = 6, 10
SHOP = FREE | {
    "enterprise_name": "沈阳市云岭软件工作室",
    "trade_name": "云岭",
    "entity_type": "9500",
}


def shop(state):
    """A request for the draft of an individual business."""
    content = pb.FilingContent(
        entity_type="9500",
        domicile_region_code="210102",
        domicile="辽宁省沈阳市和平区试验一路2号B座202室",
        scope_items=[pb.ScopeItem(text="软件开发", industry_class="6513")],
        liaison=state.T03.natural(),
        individual_business=pb.IndividualBusinessDetails(
            form="FORM_PERSONAL", operator=state.T03.natural()
        ),
    )
    filing = pb.Filing(
        business="BUSINESS_ESTABLISHMENT", reservation=state.shop.name, content=content
    )
    return pb.CreateFilingRequest(filing=filing, request_id=new_id())


def submitted(client):
    """Rows from a draft to its submission."""
    return [
        Row(client, "Filing.CreateFiling", "T03", "OK", shop, keep="filing"),
        Row(client, "Filing.PrepareFiling", "T03", "OK", step("PrepareFilingRequest"),
            keep="filing"),
        Row(client, "Signature.ListSignatureTasks", "T03", "OK",
            lambda s: pb.ListSignatureTasksRequest(filing=s.filing.name),
            lambda s, r: len(r[0].signature_tasks) == 1, keep="tasks"),
        *signed_by("T03", 1, client),
        Row(client, "Filing.GetFiling", "T03", "OK",
            lambda s: pb.GetFilingRequest(name=s.filing.name), keep="filing"),
        Row(client, "Filing.SubmitFiling", "T03", "OK", step("SubmitFilingRequest"),
            stands(SUBMITTED), keep="filing"),
    ]


ROWS = [
    Row("grpcio", "Account.SignAgreement", "T03", "OK", lambda s: s.T03.acceptance(s.agreement)),
    Row("grpcio", "Name.ReserveName", "T03", "OK", reserving(SHOP), keep="shop"),
    *submitted("grpcio"),
    Row("grpcurl", "Review.DeclineFiling", "clerk", "OK",
        with_reason("DeclineFilingRequest", "应由区局受理"), stands(NOT_ACCEPTED), keep="filing"),
    Row("both", "Review.DeclineFiling", "clerk", "FAILED_PRECONDITION FILING_NOT_SUBMITTED",
        with_reason("DeclineFilingRequest", "应由区局受理")),
    *submitted("grpcurl"),
    Row("grpcio", "Filing.WithdrawFiling", "T03", "OK", step("WithdrawFilingRequest"),
        stands(WITHDRAWN), keep="filing"),
    Row("both", "Review.AcceptFiling", "clerk", "FAILED_PRECONDITION FILING_NOT_SUBMITTED",
        step("AcceptFilingRequest")),
    *submitted("grpcio"),
    Row("grpcio", "Review.AcceptFiling", "clerk", "OK", step("AcceptFilingRequest"),
        stands(ACCEPTED), keep="filing"),
    Row("grpcurl", "Review.ExamineFiling", "examiner", "OK",
        examining(failed="SCOPE", opinion="OPINION_REJECT"), stands(EXAMINED), keep="filing"),
    Row("both", "Review.ApproveFiling", "head", "FAILED_PRECONDITION FILING_NOT_EXAMINED",
        step("ApproveFilingRequest")),
    Row("grpcurl", "Review.RejectFiling", "head", "OK",
        with_reason("RejectFilingRequest", "经营范围不符合规定"), stands(REJECTED),
        keep="filing"),
    Row("both", "Filing.GetFiling", "T03", "OK",
        lambda s: pb.GetFilingRequest(name=s.filing.name),
        lambda s, r: r[0].decision_reason.startswith("经营范围不符合规定")),
    Row("both", "Archive.PackageVolume", "archivist", "FAILED_PRECONDITION FILING_NOT_COMPLETED",
        lambda s: pb.PackageVolumeRequest(filing=s.filing.name, request_id=new_id())),
]
