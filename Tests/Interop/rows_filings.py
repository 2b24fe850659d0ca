"""Filings and signatures: from a draft to its submission, and a second one that is given up."""

import datetime

from people import new_id, sm3
from stubs import pb
from table import Row

NO_FILING = "filings/210100-00000000-0000-4000-8000-000000000000"
NO_TASK = "signatureTasks/210100-00000000-0000-4000-8000-000000000000"


def content(state):
    """A company of one shareholder."""
    year = datetime.date.today().year + 3
    return pb.FilingContent(
        entity_type="1151",
        domicile_region_code="210102",
        domicile="辽宁省沈阳市和平区试验一路1号A座101室",
        scope_items=[pb.ScopeItem(text="软件开发", industry_class="6513")],
        liaison=state.T02.natural(),
        company=pb.CompanyDetails(
            registered_capital_fen=10_000_000,
            shareholders=[
                pb.Contributor(
                    party=state.T01.party(),
                    contribution_fen=10_000_000,
                    due_date=f"{year}-12-31",
                )
            ],
            legal_representative=state.T01.natural(),
            directors=[state.T01.natural()],
            supervisors=[state.T02.natural()],
            manager=state.T01.natural(),
            charter_text="第一条 公司依法设立。第二条 股东以其认缴的出资额为限承担责任。",
        ),
    )


def draft(state):
    """A request for a draft."""
    filing = pb.Filing(
        business="BUSINESS_ESTABLISHMENT",
        reservation=state.reservation.name,
        content=content(state),
    )
    return pb.CreateFilingRequest(filing=filing, request_id=new_id())


def changed(path, etag=None, **company):
    """Makes a request to change a field of the company."""

    def request(state):
        filing = pb.Filing(name=state.filing.name, etag=etag or state.filing.etag)
        filing.content.CopyFrom(content(state))
        for field, value in company.items():
            setattr(filing.content.company, field, value)
        return pb.UpdateFilingRequest(
            filing=filing, update_mask={"paths": [path]}, request_id=new_id()
        )

    return request


def step(request, etag=None):
    """Makes a request of a step: a name, an etag, a request id."""
    return lambda s: getattr(pb, request)(
        name=s.filing.name, etag=etag or s.filing.etag, request_id=new_id()
    )


def stands(number):
    """Judges a filing's state."""
    return lambda s, r: r[0].state == number


def reading(s):
    """A request to read the filing."""
    return pb.GetFilingRequest(name=s.filing.name)


DRAFT, AWAITING, READY, SUBMITTED, WITHDRAWN, DELETED = 1, 2, 3, 4, 12, 13

DRAFTING = [
    Row("both", "Filing.CreateFiling", "nobody", "UNAUTHENTICATED CALLER_UNAUTHENTICATED", draft),
    Row("both", "Filing.CreateFiling", "T14", "FAILED_PRECONDITION AGREEMENT_UNSIGNED", draft),
    Row("both", "Filing.CreateFiling", "T02", "NOT_FOUND RESERVATION_NOT_FOUND", draft),
    Row("both", "Filing.CreateFiling", "T01", "INVALID_ARGUMENT FILING_REQUEST_INVALID",
        lambda s: pb.CreateFilingRequest(request_id=new_id())),
    Row("grpcio", "Filing.CreateFiling", "T01", "OK", draft, stands(DRAFT), keep="filing"),
    Row("both", "Filing.CreateFiling", "T01", "FAILED_PRECONDITION RESERVATION_HELD", draft),
    Row("both", "Filing.GetFiling", "T01", "OK", reading,
        lambda s, r: r[0].enterprise_name == s.reservation.candidate.enterprise_name),
    Row("both", "Filing.GetFiling", "T14", "NOT_FOUND FILING_NOT_FOUND", reading),
    Row("both", "Filing.GetFiling", "clerk of Dalian", "NOT_FOUND FILING_NOT_FOUND", reading),
    Row("both", "Filing.ListFilings", "T01", "OK", lambda s: pb.ListFilingsRequest(),
        lambda s, r: [f.name for f in r[0].filings] == [s.filing.name]),
    Row("both", "Filing.ListFilings", "T01", "INVALID_ARGUMENT PAGE_TOKEN_INVALID",
        lambda s: pb.ListFilingsRequest(page_token="?")),
    Row("both", "Filing.UpdateFiling", "T01", "INVALID_ARGUMENT FILING_REQUEST_INVALID",
        changed("content.moon")),
    Row("both", "Filing.UpdateFiling", "T01", "ABORTED FILING_STALE",
        changed("content.company.charter_text", etag="bm90IGl0")),
    Row("grpcurl", "Filing.UpdateFiling", "T01", "OK",
        changed("content.company.registered_capital_fen", registered_capital_fen=20_000_000),
        keep="filing"),
    Row("both", "Filing.ValidateFiling", "T01", "OK",
        lambda s: pb.ValidateFilingRequest(name=s.filing.name),
        lambda s, r: len(r[0].violations) > 0),
    Row("both", "Filing.PrepareFiling", "T01", "INVALID_ARGUMENT FILING_RULES_BROKEN",
        step("PrepareFilingRequest")),
    Row("grpcio", "Filing.UpdateFiling", "T01", "OK",
        changed("content.company.registered_capital_fen"), keep="filing"),
    Row("both", "Filing.ValidateFiling", "T01", "OK",
        lambda s: pb.ValidateFilingRequest(name=s.filing.name),
        lambda s, r: len(r[0].violations) == 0),
    Row("both", "Filing.SubmitFiling", "T01", "FAILED_PRECONDITION FILING_NOT_READY",
        step("SubmitFilingRequest")),
    Row("both", "Filing.WithdrawFiling", "T01", "FAILED_PRECONDITION FILING_NOT_SUBMITTED",
        step("WithdrawFilingRequest")),
]


def live_tasks_only_counted(s, replies):
    """The filing counts the tasks that wait or are signed, and not those that are void."""
    live = [task for task in replies[0].signature_tasks if task.state in (1, 2, 3)]
    return len(live) == s.filing.signature_count


def preparing(client):
    """Rows that prepare the draft, and keep its tasks."""
    return [
        Row(client, "Filing.PrepareFiling", "T01", "OK", step("PrepareFilingRequest"),
            stands(AWAITING), keep="filing"),
        Row(client, "Signature.ListSignatureTasks", "T01", "OK",
            lambda s: pb.ListSignatureTasksRequest(filing=s.filing.name),
            live_tasks_only_counted, keep="tasks"),
    ]


def open_tasks(state, who):
    """The tasks of somebody that wait, in order."""
    number = getattr(state, who).number
    return [
        task
        for task in state.tasks.signature_tasks
        if task.party.person.identity_number[-2:] == number[-2:] and task.state in (1, 2)
    ]


def opening(who, index):
    """Makes a request to open a task."""
    return lambda s: pb.OpenSignatureTaskRequest(
        name=open_tasks(s, who)[index].name, request_id=new_id()
    )


def signing(who, index, document_sm3=None):
    """Makes a request to sign the document of a task."""
    return lambda s: getattr(s, who).signature_of(open_tasks(s, who)[index], document_sm3)


def signed_by(who, count, client):
    """Rows in which somebody opens and signs so many documents."""
    return [
        row
        for index in range(count)
        for row in (
            Row(client, "Signature.OpenSignatureTask", who, "OK", opening(who, index),
                lambda s, r: r[0].state == 2),
            Row(client, "Signature.SignDocument", who, "OK", signing(who, index),
                lambda s, r: r[0].state == 3),
        )
    ]


T01_PAPERS, T02_PAPERS = 3, 1

DOCUMENTS = [
    Row("both", "Filing.ListDocuments", "T01", "OK",
        lambda s: pb.ListDocumentsRequest(parent=s.filing.name),
        lambda s, r: len(r[0].documents) == 3, keep="documents"),
    Row("both", "Filing.GetDocument", "T01", "OK",
        lambda s: pb.GetDocumentRequest(name=s.documents.documents[0].name),
        lambda s, r: r[0].pdf.startswith(b"%PDF-") and sm3(r[0].pdf) == r[0].pdf_sm3),
    Row("both", "Filing.GetDocument", "T14", "NOT_FOUND DOCUMENT_NOT_FOUND",
        lambda s: pb.GetDocumentRequest(name=s.documents.documents[0].name)),
    Row("both", "Filing.ListDocuments", "T14", "NOT_FOUND FILING_NOT_FOUND",
        lambda s: pb.ListDocumentsRequest(parent=s.filing.name)),
    Row("both", "Filing.ListDocuments", "clerk", "OK",
        lambda s: pb.ListDocumentsRequest(parent=s.filing.name)),
]

SIGNING = [
    Row("both", "Signature.GetSignatureTask", "T01", "OK",
        lambda s: pb.GetSignatureTaskRequest(name=s.tasks.signature_tasks[0].name)),
    Row("both", "Signature.GetSignatureTask", "clerk", "OK",
        lambda s: pb.GetSignatureTaskRequest(name=s.tasks.signature_tasks[0].name)),
    Row("both", "Signature.GetSignatureTask", "T14", "NOT_FOUND SIGNATURE_TASK_NOT_FOUND",
        lambda s: pb.GetSignatureTaskRequest(name=s.tasks.signature_tasks[0].name)),
    Row("both", "Signature.ListSignatureTasks", "T01", "INVALID_ARGUMENT PAGE_TOKEN_INVALID",
        lambda s: pb.ListSignatureTasksRequest(page_token="?")),
    Row("both", "Signature.SignDocument", "T01", "FAILED_PRECONDITION SIGNATURE_TASK_NOT_OPENED",
        signing("T01", 0)),
    Row("grpcio", "Signature.OpenSignatureTask", "T01", "OK", opening("T01", 0)),
    Row("both", "Signature.SignDocument", "T01", "INVALID_ARGUMENT SIGNATURE_STATEMENT_MISMATCH",
        signing("T01", 0, bytes(32))),
    Row("both", "Signature.OpenSignatureTask", "T02", "NOT_FOUND SIGNATURE_TASK_NOT_FOUND",
        opening("T01", 0)),
    Row("both", "Signature.RefuseSignature", "T02", "INVALID_ARGUMENT SIGNATURE_REQUEST_INVALID",
        lambda s: pb.RefuseSignatureRequest(
            name=open_tasks(s, "T02")[0].name, request_id=new_id())),
    Row("both", "Signature.VerifySignature", "T01",
        "FAILED_PRECONDITION SIGNATURE_TASK_UNSIGNED",
        lambda s: pb.VerifySignatureRequest(name=s.tasks.signature_tasks[0].name)),
    *signed_by("T01", T01_PAPERS, "grpcio"),
    *signed_by("T02", T02_PAPERS, "grpcurl"),
    Row("both", "Signature.SignDocument", "T01", "FAILED_PRECONDITION SIGNATURE_TASK_CLOSED",
        signing("T01", 0)),
    Row("both", "Signature.VerifySignature", "T01", "OK",
        lambda s: pb.VerifySignatureRequest(name=open_tasks(s, "T01")[0].name),
        lambda s, r: r[0].valid and not r[0].reasons),
    Row("both", "Signature.VerifySignature", "auditor", "OK",
        lambda s: pb.VerifySignatureRequest(name=open_tasks(s, "T02")[0].name),
        lambda s, r: r[0].valid),
]

SUBMITTING = [
    Row("both", "Filing.SubmitFiling", "T01", "ABORTED FILING_STALE",
        step("SubmitFilingRequest", etag="bm90IGl0")),
    Row("both", "Filing.GetFiling", "T02", "OK", reading, stands(READY), keep="filing"),
    Row("grpcurl", "Filing.SubmitFiling", "T01", "OK", step("SubmitFilingRequest"),
        stands(SUBMITTED), keep="filing"),
    Row("both", "Filing.DeleteFiling", "T02", "NOT_FOUND FILING_NOT_FOUND",
        step("DeleteFilingRequest")),
]

# The applicant gives the first filing up before it is accepted, and its name goes on.
GIVEN_UP = [
    Row("grpcio", "Signature.OpenSignatureTask", "T02", "OK", opening("T02", 0)),
    Row("grpcio", "Signature.RefuseSignature", "T02", "OK",
        lambda s: pb.RefuseSignatureRequest(
            name=open_tasks(s, "T02")[0].name, reason="章程有误", request_id=new_id()),
        lambda s, r: r[0].state == 4),
    Row("both", "Signature.RefuseSignature", "T02", "FAILED_PRECONDITION SIGNATURE_TASK_CLOSED",
        lambda s: pb.RefuseSignatureRequest(
            name=open_tasks(s, "T02")[0].name, reason="章程有误", request_id=new_id())),
    Row("both", "Filing.GetFiling", "T01", "OK", reading, lambda s, r: r[0].refusal == "章程有误",
        keep="filing"),
    Row("grpcurl", "Filing.DeleteFiling", "T01", "OK", step("DeleteFilingRequest"),
        stands(DELETED)),
    Row("both", "Filing.DeleteFiling", "T01", "FAILED_PRECONDITION FILING_NOT_DELETABLE",
        step("DeleteFilingRequest")),
    Row("grpcurl", "Filing.CreateFiling", "T01", "OK", draft, stands(DRAFT), keep="filing"),
]

ROWS = (
    DRAFTING
    + preparing("grpcio")
    + DOCUMENTS
    + GIVEN_UP
    + preparing("grpcurl")
    + SIGNING
    + SUBMITTING
)
