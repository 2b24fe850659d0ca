"""Python stubs, made at run time from the protos of the project into a folder of the run."""

import importlib
import pathlib
import sys

import google.api
import grpc_tools
from google.protobuf import descriptor_pool, message_factory
from grpc_tools import protoc

REGISTRY = "liaoning.registry.v1."
# grpcurl reads these from the set of descriptors; Python has them in packages of its own.
STANDARD = (
    "google/rpc/status.proto",
    "google/rpc/error_details.proto",
    "grpc/health/v1/health.proto",
    "grpc/reflection/v1/reflection.proto",
    "grpc/reflection/v1alpha/reflection.proto",
)


def generate(root, folder):
    """Makes messages, stubs and a set of descriptors, and returns the path of the set."""
    google_apis = pathlib.Path(list(google.api.__path__)[0]).parent.parent
    include = [
        f"-I{root / 'Protos'}",
        f"-I{google_apis}",
        f"-I{pathlib.Path(grpc_tools.__file__).parent / '_proto'}",
    ]
    protos = sorted(
        str(path.relative_to(root / "Protos"))
        for path in (root / "Protos/liaoning/registry").rglob("*.proto")
    )
    descriptors = folder / "protos.binpb"
    for arguments in (
        [f"--python_out={folder}", f"--grpc_python_out={folder}", *protos],
        [
            "-I/usr/share/grpc-proto",
            "--include_imports",
            f"--descriptor_set_out={descriptors}",
            *protos,
            *STANDARD,
        ],
    ):
        if protoc.main(["protoc", *include, *arguments]) != 0:
            raise SystemExit("the stubs cannot be generated")
    sys.path.insert(0, str(folder))
    for proto in protos:
        module = proto.removesuffix(".proto").replace("/", ".")
        importlib.import_module(module + "_pb2")
        _STUBS.append(importlib.import_module(module + "_pb2_grpc"))
    return descriptors


_STUBS = []


def stub(service, channel):
    """The generated stub of a service of the registry, by its short name."""
    for module in _STUBS:
        if hasattr(module, service + "Stub"):
            return getattr(module, service + "Stub")(channel)
    raise KeyError(service)


def method(full_service, name):
    """The descriptor of a method; nothing if the protos have none of that name."""
    try:
        return descriptor_pool.Default().FindMethodByName(f"{full_service}.{name}")
    except KeyError:
        return None


def message(descriptor):
    """The class of a message."""
    return message_factory.GetMessageClass(descriptor)


def methods():
    """Every method of the registry's services, as `Service.Method`."""
    return {
        f"{service.removesuffix('Service')}.{name}"
        for module in _STUBS
        for service in vars(module)
        if service.endswith("Service")
        for name in vars(getattr(module, service + "Servicer"))
        if not name.startswith("_")
    }


class Messages:
    """The registry's messages by name: `pb.GetFilingRequest(name=…)`, and values of enums."""

    def __getattr__(self, name):
        pool = descriptor_pool.Default()
        return message(pool.FindMessageTypeByName(REGISTRY + name))


pb = Messages()
