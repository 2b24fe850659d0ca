"""Reviews: a return and its correction, acceptance, examination, approval; then the licence."""

from people import is_signed, new_id, sm3
from rows_filings import (
    SUBMITTED,
    changed,
    preparing,
    signed_by,
    stands,
    step,
)
from stubs import pb
from table import Fact, Row

POINTS = ("MATERIALS_COMPLETE", "LEGAL_FORM", "NAME", "SCOPE", "SIGNATURES", "JURISDICTION")
RETURNED, ACCEPTED, EXAMINED, COMPLETED = 5, 7, 8, 9


def returning(*descriptions):
    """Makes a request to return the filing with these corrections."""
    return lambda s: pb.ReturnFilingRequest(
        name=s.filing.name,
        etag=s.filing.etag,
        corrections=[
            pb.Correction(field="company.charter_text", description=text)
            for text in descriptions
        ],
        request_id=new_id(),
    )


def examining(points=POINTS, opinion="OPINION_APPROVE", failed=""):
    """Makes a request to record the examination, in which at most one point fails."""
    return lambda s: pb.ExamineFilingRequest(
        name=s.filing.name,
        etag=s.filing.etag,
        opinion=opinion,
        checklist=[
            pb.ChecklistItem(
                item=point, passed=point != failed, remark="不符合" if point == failed else ""
            )
            for point in points
        ],
        request_id=new_id(),
    )


def with_reason(request, reason):
    """Makes a request that needs a reason."""
    return lambda s: getattr(pb, request)(
        name=s.filing.name, etag=s.filing.etag, reason=reason, request_id=new_id()
    )


def queued(s, replies):
    """The filing stands in the queue."""
    return s.filing.name in [item.filing for item in replies[0].items]


RETURNING = [
    Row("both", "Review.ListReviewItems", "clerk", "OK", lambda s: pb.ListReviewItemsRequest(),
        queued),
    Row("both", "Review.ListReviewItems", "clerk of Dalian", "OK",
        lambda s: pb.ListReviewItemsRequest(), lambda s, r: not queued(s, r)),
    Row("both", "Review.ListReviewItems", "head", "INVALID_ARGUMENT PAGE_TOKEN_INVALID",
        lambda s: pb.ListReviewItemsRequest(page_token="?")),
    Row("both", "Review.AcceptFiling", "examiner", "PERMISSION_DENIED CALLER_NOT_PERMITTED",
        step("AcceptFilingRequest")),
    Row("both", "Review.AcceptFiling", "clerk of Dalian", "NOT_FOUND FILING_NOT_FOUND",
        step("AcceptFilingRequest")),
    Row("both", "Review.AcceptFiling", "clerk", "ABORTED FILING_STALE",
        step("AcceptFilingRequest", etag="bm90IGl0")),
    Row("both", "Review.DeclineFiling", "clerk", "INVALID_ARGUMENT REVIEW_REQUEST_INVALID",
        with_reason("DeclineFilingRequest", "")),
    Row("both", "Review.ReturnFiling", "clerk", "INVALID_ARGUMENT REVIEW_REQUEST_INVALID",
        returning()),
    Row("grpcio", "Review.ReturnFiling", "clerk", "OK", returning("章程缺少公司住所条款"),
        stands(RETURNED), keep="filing"),
    Row("grpcurl", "Filing.GetFiling", "T01", "OK",
        lambda s: pb.GetFilingRequest(name=s.filing.name),
        lambda s, r: r[0].corrections[0].field == "company.charter_text", keep="filing"),
    Row("grpcio", "Filing.UpdateFiling", "T01", "OK",
        changed("content.company.charter_text", charter_text="第一条 公司依法设立，住所在沈阳市。"),
        keep="filing"),
    *preparing("grpcio"),
    # The charter only: what did not change stays signed.
    *signed_by("T01", 1, "grpcurl"),
    Row("grpcurl", "Filing.GetFiling", "T01", "OK",
        lambda s: pb.GetFilingRequest(name=s.filing.name), keep="filing"),
    Row("grpcio", "Filing.SubmitFiling", "T01", "OK", step("SubmitFilingRequest"),
        stands(SUBMITTED), keep="filing"),
]

DECIDING = [
    Row("both", "Review.ExamineFiling", "examiner", "FAILED_PRECONDITION FILING_NOT_ACCEPTED",
        examining()),
    Row("grpcurl", "Review.AcceptFiling", "clerk", "OK", step("AcceptFilingRequest"),
        stands(ACCEPTED), keep="filing"),
    Row("both", "Review.AcceptFiling", "clerk", "FAILED_PRECONDITION FILING_NOT_SUBMITTED",
        step("AcceptFilingRequest")),
    Row("both", "Filing.UpdateFiling", "T01", "FAILED_PRECONDITION FILING_NOT_EDITABLE",
        changed("content.company.charter_text")),
    Row("both", "Review.ApproveFiling", "head", "FAILED_PRECONDITION FILING_NOT_EXAMINED",
        step("ApproveFilingRequest")),
    Row("both", "Review.ExamineFiling", "examiner", "INVALID_ARGUMENT REVIEW_REQUEST_INVALID",
        examining(POINTS[1:])),
    Row("grpcio", "Review.ExamineFiling", "examiner", "OK", examining(), stands(EXAMINED),
        keep="filing"),
    Row("both", "Review.RejectFiling", "head", "INVALID_ARGUMENT REVIEW_REQUEST_INVALID",
        with_reason("RejectFilingRequest", "")),
    Row("both", "Review.ApproveFiling", "head", "ABORTED FILING_STALE",
        step("ApproveFilingRequest", etag="bm90IGl0")),
    Row("grpcurl", "Review.ApproveFiling", "head", "OK", step("ApproveFilingRequest"),
        stands(COMPLETED), keep="filing"),
    Row("both", "Review.ApproveFiling", "head", "FAILED_PRECONDITION FILING_NOT_EXAMINED",
        step("ApproveFilingRequest")),
    Row("both", "Filing.WithdrawFiling", "T01", "FAILED_PRECONDITION FILING_DECIDED",
        step("WithdrawFilingRequest")),
    Row("both", "Review.GetReview", "auditor", "OK",
        lambda s: pb.GetReviewRequest(filing=s.filing.name),
        lambda s, r: len(r[0].checklist) == 6 and r[0].clerk != r[0].examiner),
    Row("both", "Review.GetReview", "clerk of Dalian", "NOT_FOUND FILING_NOT_FOUND",
        lambda s: pb.GetReviewRequest(filing=s.filing.name)),
    Row("both", "Name.GetReservation", "T01", "OK",
        lambda s: pb.GetReservationRequest(name=s.reservation.name), lambda s, r: r[0].state == 4),
    Fact("the legal representative got one SMS", lambda s: [
        message["mobile_number"] for message in s.house.sent_messages()] == [s.T01.mobile]),
    Fact("no identity number is in the SMS", lambda s: all(
        s.T01.number not in message["text"] for message in s.house.sent_messages())),
]


def code(state):
    """The credit code given to the company."""
    return state.filing.entity.removeprefix("entities/")


def reading(state):
    """A request to read the licence."""
    return pb.GetLicenseRequest(name=f"licenses/{code(state)}")


def verifying(purpose, **subject):
    """Makes a request to verify the licence by its code, unless another subject is given."""
    return lambda s: pb.VerifyLicenseRequest(
        purpose=purpose, **(subject or {"credit_code": code(s)})
    )


def file_of(state, tampered=False):
    """A request to verify the licence's file."""
    file = pb.LicenseFile()
    file.CopyFrom(state.license.file)
    if tampered:
        file.content = file.content.replace("星漪".encode(), "星漣".encode())
    return pb.VerifyLicenseRequest(file=file, purpose="ACCOUNT_OPENING")


def downloading(form):
    """Makes a request to download the licence."""
    return lambda s: pb.DownloadLicenseRequest(
        name=f"licenses/{code(s)}", form=form, request_id=new_id()
    )


def is_true(state, replies):
    """Judges a licence without the registry: by the openssl command and the published key."""
    file = replies[0].file
    purpose = "liaoning.registry.v1.LicenseContent"
    return is_signed(file.content, file.signature, state.house.licence_key, purpose)


def is_file(start):
    """Judges a downloaded file."""
    return lambda s, r: r[0].content.startswith(start) and sm3(r[0].content) == r[0].content_sm3


LICENSES = [
    Row("both", "License.GetLicense", "T01", "OK", reading, is_true, keep="license"),
    Row("both", "License.GetLicense", "clerk", "OK", reading,
        lambda s, r: r[0].face.enterprise_name == s.filing.enterprise_name),
    Row("both", "License.GetLicense", "T02", "NOT_FOUND LICENSE_NOT_FOUND", reading),
    Row("both", "License.VerifyLicense", "bank", "OK", verifying("ACCOUNT_OPENING"),
        lambda s, r: r[0].authentic and r[0].current_version and r[0].face == s.license.face),
    Row("both", "License.VerifyLicense", "tax", "OK", verifying("TAX_REGISTRATION"),
        lambda s, r: r[0].face.place and not r[0].face.responsible_person_name),
    Row("both", "License.VerifyLicense", "bank", "OK", file_of,
        lambda s, r: r[0].authentic and not r[0].failure),
    Row("both", "License.VerifyLicense", "bank", "OK", lambda s: file_of(s, tampered=True),
        lambda s, r: not r[0].authentic and r[0].failure),
    Row("both", "License.VerifyLicense", "bank", "INVALID_ARGUMENT LICENSE_REQUEST_INVALID",
        verifying("")),
    Row("both", "License.VerifyLicense", "bank", "NOT_FOUND LICENSE_NOT_FOUND",
        verifying("ACCOUNT_OPENING", credit_code="91210100XX0000019C")),
    Row("both", "License.VerifyLicense", "T01", "PERMISSION_DENIED CALLER_NOT_PERMITTED",
        verifying("ACCOUNT_OPENING")),
    Row("both", "License.DownloadLicense", "T01", "OK", downloading("FORM_COPY_PDF"),
        is_file(b"%PDF-")),
    Row("both", "License.DownloadLicense", "T01", "OK", downloading("FORM_FILE"),
        lambda s, r: pb.LicenseFile.FromString(r[0].content) == s.license.file),
    Row("both", "License.DownloadLicense", "T01", "INVALID_ARGUMENT LICENSE_REQUEST_INVALID",
        downloading("FORM_UNSPECIFIED")),
    Row("both", "License.DownloadLicense", "T02", "NOT_FOUND LICENSE_NOT_FOUND",
        downloading("FORM_FILE")),
]

ROWS = RETURNING + DECIDING + LICENSES
