"""gRPC's own services, the edge of the house, and deadlines."""

from clients import health_check, reflection
from stubs import pb
from table import Row

SERVING = 1


def services(replies):
    """The services that a reflection reply lists."""
    return {service.name for service in replies[0].list_services_response.service}


def lists_services(expected):
    """Judges a list of services, as grpcio parses it or as grpcurl prints it."""

    def check(_, replies):
        found = set(replies[0].split()) if isinstance(replies[0], str) else services(replies)
        return expected <= found and "liaoning.bench.v1.EchoService" not in found

    return check


OUTER = {
    "grpc.health.v1.Health",
    "grpc.reflection.v1.ServerReflection",
    "grpc.reflection.v1alpha.ServerReflection",
} | {
    f"liaoning.registry.v1.{name}Service"
    for name in ("Account", "Name", "Filing", "Signature", "License", "Archive", "Trace")
}
INNER = OUTER | {"liaoning.registry.v1.ReviewService"}


def everything(_):
    """A request for the list of services."""
    return reflection(list_services="")


def filing_service(_):
    """A request for the file that declares a service."""
    return reflection(file_containing_symbol="liaoning.registry.v1.FilingService")


HEALTH = [
    Row("both", "Health.Check", "nobody", "OK", lambda s: health_check(),
        lambda s, r: r[0].status == SERVING),
    Row("both", "Health.Check", "clerk", "OK", lambda s: health_check(),
        lambda s, r: r[0].status == SERVING),
    Row("both", "Health.Check", "bank", "OK",
        lambda s: health_check("liaoning.registry.v1.FilingService"),
        lambda s, r: r[0].status == SERVING),
    Row("both", "Health.Check", "nobody", "NOT_FOUND", lambda s: health_check("no.such.Service")),
    # A watch never ends by itself: the first status comes, then the deadline.
    Row("both", "Health.Watch", "nobody", "DEADLINE_EXCEEDED", lambda s: health_check(),
        seconds=1),
]

REFLECTION = [
    Row("grpcio", "Reflection.ServerReflectionInfo", "bank", "OK", everything,
        lists_services(OUTER)),
    Row("grpcio", "ReflectionAlpha.ServerReflectionInfo", "tax", "OK", everything,
        lists_services(OUTER)),
    Row("grpcio", "Reflection.ServerReflectionInfo", "administrator", "OK", everything,
        lists_services(INNER)),
    Row("grpcio", "Reflection.ServerReflectionInfo", "bank", "OK", filing_service,
        lambda s, r: len(r[0].file_descriptor_response.file_descriptor_proto) > 3),
    Row("grpcurl", "ReflectionAlpha.ServerReflectionInfo", "bank", "OK", lambda s: "list",
        lists_services(OUTER)),
    Row("grpcurl", "ReflectionAlpha.ServerReflectionInfo", "administrator", "OK",
        lambda s: "list", lists_services(INNER)),
    Row("grpcurl", "ReflectionAlpha.ServerReflectionInfo", "bank", "OK",
        lambda s: "describe liaoning.registry.v1.FilingService.PrepareFiling",
        lambda s, r: "returns ( .liaoning.registry.v1.Filing )" in r[0]),
    Row("grpcio", "Reflection.ServerReflectionInfo", "nobody",
        "UNAUTHENTICATED CALLER_UNAUTHENTICATED", everything),
    Row("grpcio", "ReflectionAlpha.ServerReflectionInfo", "nobody",
        "UNAUTHENTICATED CALLER_UNAUTHENTICATED", everything),
    Row("grpcio", "Reflection.ServerReflectionInfo", "clerk",
        "PERMISSION_DENIED CALLER_NOT_PERMITTED", everything),
    Row("grpcurl", "ReflectionAlpha.ServerReflectionInfo", "auditor", "GRPCURL",
        lambda s: "list"),
]

EDGE = [
    # The router knows no such method, whoever asks.
    Row("grpcio", "Name.ForgetName", "nobody", "UNIMPLEMENTED", lambda s: health_check()),
    Row("grpcio", "Nobody.DoNothing", "bank", "UNIMPLEMENTED", lambda s: health_check()),
    # Served, but not at this door or not to these callers.
    Row("both", "Review.ListReviewItems", "nobody", "UNAUTHENTICATED CALLER_UNAUTHENTICATED",
        lambda s: pb.ListReviewItemsRequest()),
    Row("both", "Review.ListReviewItems", "bank", "PERMISSION_DENIED CALLER_NOT_PERMITTED",
        lambda s: pb.ListReviewItemsRequest()),
    Row("both", "Account.CreateLoginChallenge", "clerk",
        "PERMISSION_DENIED CALLER_NOT_PERMITTED",
        lambda s: pb.CreateLoginChallengeRequest(account="accounts/1")),
    # The staff door opens to certificates of the house only.
    Row("both", "Health.Check", "nobody at inner", "UNAVAILABLE", lambda s: health_check(),
        seconds=5),
    Row("both", "Health.Check", "stranger at inner", "UNAVAILABLE", lambda s: health_check(),
        seconds=5),
    # Where a certificate is optional, one that is shown must verify; grpcurl does not show one that
    # the server would not take.
    Row("grpcio", "Health.Check", "stranger at outer", "UNAVAILABLE", lambda s: health_check(),
        seconds=5),
    # A certificate of the house that is nobody's there.
    Row("both", "Trace.GetChainHead", "clerk at outer", "UNAUTHENTICATED CALLER_UNAUTHENTICATED",
        lambda s: pb.GetChainHeadRequest()),
    # A request of 300 KB, and one of 1.1 MB where 1 MiB is allowed.
    Row("both", "Name.CheckName", "nobody", "RESOURCE_EXHAUSTED",
        lambda s: pb.CheckNameRequest(candidate={"enterprise_name": "x" * 300_000})),
    Row("both", "Name.ImportNames", "administrator", "RESOURCE_EXHAUSTED",
        lambda s: pb.ImportNamesRequest(names=[{"library_id": "x" * 1_100_000}])),
]

ROWS = HEALTH + REFLECTION + EDGE
