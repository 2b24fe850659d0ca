"""Accounts: registration, agreement, log-in, restrictions; and a library that is slow."""

from people import new_id, sm3
from stubs import pb
from table import Fact, Row


def verified(state, replies):
    """The library agreed."""
    account = replies[0]
    return (account.verification, account.verification_code) == (1, "00")


def opened(who):
    """Keeps who has the account just made."""

    def check(state, replies):
        getattr(state, who).account = replies[0].name
        return replies[0].name.startswith("accounts/")

    return check


def logged_in(who):
    """Keeps the token of the session just made."""

    def check(state, replies):
        getattr(state, who).token = replies[0].token
        return replies[0].account == getattr(state, who).account

    return check


def account_of(who, client, verification, code):
    """Rows that make an account, whose comparison ends so, and log it in."""
    return [
        Row(client, "Account.CreateAccount", "nobody", "OK",
            lambda s: getattr(s, who).application(),
            lambda s, r: opened(who)(s, r) and r[0].verification == verification
            and r[0].verification_code == code),
        Row(client, "Account.CreateLoginChallenge", "nobody", "OK",
            lambda s: pb.CreateLoginChallengeRequest(account=getattr(s, who).account),
            lambda s, r: len(r[0].nonce) == 32, keep="challenge"),
        Row(client, "Account.CreateSession", "nobody", "OK",
            lambda s: getattr(s, who).answer(s.challenge), logged_in(who)),
    ]


def forged(request):
    """A request whose signature is another's."""
    request.signature.value = request.signature.value[:-1] + bytes(
        [request.signature.value[-1] ^ 1]
    )
    return request


def with_other_holder(request):
    """A request whose statement is about somebody else."""
    request.account.holder.person.full_name = "别名"
    request.account.holder.person.identity_number = "210201190001030030"
    return request


def restriction(state):
    """A bar on T15."""
    return pb.CreateRestrictionRequest(
        restriction=pb.Restriction(
            person=state.T15.natural(),
            scope="SCOPE_ONLINE_FILING",
            ground="辽市监决〔2026〕1号",
        ),
        request_id=new_id(),
    )


def lifting(state, name=None):
    """The end of a bar."""
    return pb.LiftRestrictionRequest(
        name=name or state.restriction.name, ground="辽市监决〔2026〕2号", request_id=new_id()
    )


AGREEMENT = [
    Row("both", "Account.GetAgreement", "nobody", "OK",
        lambda s: pb.GetAgreementRequest(name="agreements/current"),
        lambda s, r: sm3(r[0].text.encode()) == r[0].text_sm3, keep="agreement"),
    Row("both", "Account.GetAgreement", "auditor", "OK",
        lambda s: pb.GetAgreementRequest(name=s.agreement.name),
        lambda s, r: r[0] == s.agreement),
    Row("both", "Account.GetAgreement", "nobody", "NOT_FOUND AGREEMENT_NOT_FOUND",
        lambda s: pb.GetAgreementRequest(name="agreements/9999")),
]

CREATION = [
    *account_of("T01", "grpcio", 1, "00"),
    *account_of("T02", "grpcurl", 1, "00"),
    # The source is out of order at first.
    *account_of("T14", "grpcio", 4, "90"),
    Row("grpcurl", "Account.VerifyAccount", "T14", "OK",
        lambda s: pb.VerifyAccountRequest(name=s.T14.account, request_id=new_id()), verified),
    Row("both", "Account.VerifyAccount", "T14", "NOT_FOUND ACCOUNT_NOT_FOUND",
        lambda s: pb.VerifyAccountRequest(name=s.T01.account, request_id=new_id())),
    Row("grpcio", "Account.CreateAccount", "nobody", "OK", lambda s: s.T11.application(),
        lambda s, r: (r[0].verification, r[0].verification_code) == (2, "01")),
    Row("grpcurl", "Account.CreateAccount", "nobody", "OK", lambda s: s.T12.application(),
        lambda s, r: (r[0].verification, r[0].verification_code) == (3, "02")),
    # An interpunct typed as a bullet.
    Row("grpcurl", "Account.CreateAccount", "nobody", "OK", lambda s: s.T19.application(),
        verified),
    Row("grpcio", "Account.CreateAccount", "nobody", "OK", lambda s: s.company.application(),
        lambda s, r: verified(s, r) and r[0].legal_representative_name == "周测试五"),
    Row("both", "Account.CreateAccount", "nobody", "ALREADY_EXISTS ACCOUNT_EXISTS",
        lambda s: s.T01.application()),
    Row("both", "Account.CreateAccount", "nobody", "INVALID_ARGUMENT ACCOUNT_INVALID",
        lambda s: pb.CreateAccountRequest(request_id=new_id())),
    Row("both", "Account.CreateAccount", "nobody", "INVALID_ARGUMENT ACCOUNT_STATEMENT_MISMATCH",
        lambda s: with_other_holder(s.T15.application())),
    Row("both", "Account.CreateAccount", "nobody", "INVALID_ARGUMENT ACCOUNT_SIGNATURE_INVALID",
        lambda s: forged(s.T15.application())),
]

SLOW_LIBRARY = [
    Fact("the population library is slow", lambda s: s.house.follow("delay\tpopulation\t20000\n")),
    Row("both", "Account.CreateAccount", "nobody", "DEADLINE_EXCEEDED",
        lambda s: s.T03.application(), seconds=1),
    Row("grpcio", "Account.CreateAccount", "nobody", "UNAVAILABLE IDENTITY_SOURCE_UNAVAILABLE",
        lambda s: s.T03.application()),
    Fact("the population library is down", lambda s: s.house.follow("down\tpopulation\n")),
    Row("both", "Account.CreateAccount", "nobody", "UNAVAILABLE IDENTITY_SOURCE_UNAVAILABLE",
        lambda s: s.T03.application()),
    Fact("the population library answers", lambda s: s.house.follow("")),
    *account_of("T03", "grpcurl", 1, "00"),
]

LOGIN = [
    Row("both", "Account.CreateLoginChallenge", "nobody",
        "INVALID_ARGUMENT ACCOUNT_NAME_MALFORMED",
        lambda s: pb.CreateLoginChallengeRequest(account="T01")),
    Row("both", "Account.CreateSession", "nobody", "UNAUTHENTICATED LOGIN_REFUSED",
        lambda s: s.T14.answer(s.challenge)),  # answered before
    Row("both", "Account.GetAccount", "T01", "OK",
        lambda s: pb.GetAccountRequest(name=s.T01.account),
        lambda s, r: r[0].holder.person.identity_number == s.T01.number),
    Row("both", "Account.GetAccount", "clerk", "OK",
        lambda s: pb.GetAccountRequest(name=s.T01.account),
        lambda s, r: "*" in r[0].holder.person.identity_number),
    Row("both", "Account.GetAccount", "T02", "NOT_FOUND ACCOUNT_NOT_FOUND",
        lambda s: pb.GetAccountRequest(name=s.T01.account)),
    Row("both", "Account.GetAccount", "nobody", "UNAUTHENTICATED CALLER_UNAUTHENTICATED",
        lambda s: pb.GetAccountRequest(name=s.T01.account)),
    Row("both", "Account.GetAccount", "bank", "PERMISSION_DENIED CALLER_NOT_PERMITTED",
        lambda s: pb.GetAccountRequest(name=s.T01.account)),
    Row("both", "Account.SignAgreement", "T01", "INVALID_ARGUMENT ACCOUNT_STATEMENT_MISMATCH",
        lambda s: s.T01.acceptance(s.agreement, text_sm3=bytes(32))),
    Row("both", "Account.SignAgreement", "T01", "INVALID_ARGUMENT ACCOUNT_SIGNATURE_INVALID",
        lambda s: forged(s.T01.acceptance(s.agreement))),
    Row("grpcio", "Account.SignAgreement", "T01", "OK", lambda s: s.T01.acceptance(s.agreement),
        lambda s, r: r[0].agreement == s.agreement.name),
    Row("grpcurl", "Account.SignAgreement", "T02", "OK", lambda s: s.T02.acceptance(s.agreement),
        lambda s, r: r[0].agreement == s.agreement.name),
]

RESTRICTIONS = [
    Row("both", "Account.CreateRestriction", "clerk", "PERMISSION_DENIED CALLER_NOT_PERMITTED",
        restriction),
    Row("both", "Account.CreateRestriction", "head", "INVALID_ARGUMENT RESTRICTION_INVALID",
        lambda s: pb.CreateRestrictionRequest(request_id=new_id())),
    Row("grpcurl", "Account.CreateRestriction", "head", "OK", restriction, keep="restriction"),
    Row("both", "Account.ListRestrictions", "auditor", "OK",
        lambda s: pb.ListRestrictionsRequest(page_size=1),
        lambda s, r: r[0].restrictions[0].name == s.restriction.name),
    Row("both", "Account.ListRestrictions", "auditor", "INVALID_ARGUMENT PAGE_TOKEN_INVALID",
        lambda s: pb.ListRestrictionsRequest(page_token="?")),
    Row("both", "Account.CreateAccount", "nobody", "PERMISSION_DENIED ACCOUNT_RESTRICTED",
        lambda s: s.T15.application()),
    Row("both", "Account.LiftRestriction", "head", "NOT_FOUND RESTRICTION_NOT_FOUND",
        lambda s: lifting(s, "restrictions/210000-00000000-0000-4000-8000-000000000000")),
    Row("grpcio", "Account.LiftRestriction", "administrator", "OK", lifting),
    Row("both", "Account.LiftRestriction", "head", "FAILED_PRECONDITION RESTRICTION_LIFTED",
        lifting),
    *account_of("T15", "grpcurl", 1, "00"),
    Row("grpcio", "Account.DeleteSession", "T15", "OK", lambda s: pb.DeleteSessionRequest()),
    Row("both", "Account.GetAccount", "T15", "UNAUTHENTICATED CALLER_UNAUTHENTICATED",
        lambda s: pb.GetAccountRequest(name=s.T15.account)),
]

ROWS = AGREEMENT + CREATION + SLOW_LIBRARY + LOGIN + RESTRICTIONS
