"""People with SM2 keys, which only the openssl command handles, and what they sign."""

import hashlib
import subprocess
import uuid

from google.protobuf import timestamp_pb2

from stubs import pb

IDENTIFIER = "1234567812345678"

# The fictional persons of the simulators' script, with what their comparison makes of an account.
PERSONS = {
    "T01": ("赵测试一", "210101190001010018"),
    "T02": ("钱测试二", "210101190001020021"),
    "T03": ("孙测试三", "210201190001030030"),
    "T11": ("褚测试甲", "210901190001110119"),
    "T12": ("卫测试乙", "211001190001120124"),
    "T14": ("沈测试丁", "211201190001140142"),
    "T15": ("韩测试戊", "211301190001150151"),
    "T19": ("尤\u2022测试\u2022壬", "210101190402290196"),
}


def openssl(*arguments, given=b""):
    """Runs the openssl command and returns what it prints."""
    return subprocess.run(
        ["openssl", *map(str, arguments)], input=given, capture_output=True, check=True
    ).stdout


def sm3(data):
    """The SM3 digest."""
    return hashlib.new("sm3", data).digest()


def new_id():
    """A request id."""
    return str(uuid.uuid4())


def is_signed(content, signature, public_key, purpose):
    """Whether a key signed content of the registry for a purpose; the key is a PEM or DER file."""
    signature_file = public_key.with_suffix(".signature")
    signature_file.write_bytes(signature.value)
    judged = subprocess.run(
        ["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", public_key, "-rawin",
         "-digest", "sm3", "-pkeyopt", f"distid:{IDENTIFIER}", "-sigfile", signature_file],
        input=purpose.encode() + b"\0" + content,
        capture_output=True,
        check=False,
    )
    return judged.returncode == 0


class Signer:
    """Somebody with a key: signs statements, and asks for accounts and sessions."""

    def __init__(self, folder, name):
        self.name = name
        self.key = folder / f"{name}.key"
        openssl("genpkey", "-algorithm", "SM2", "-out", self.key)
        self.public_key = openssl("pkey", "-in", self.key, "-pubout", "-outform", "DER")
        self.account = ""
        self.token = ""

    def signed(self, statement):
        """A statement and its signature, as fields of a request."""
        content = statement.SerializeToString(deterministic=True)
        purpose = statement.DESCRIPTOR.full_name.encode()
        value = openssl(
            "pkeyutl", "-sign", "-inkey", self.key, "-rawin", "-digest", "sm3",
            "-pkeyopt", f"distid:{IDENTIFIER}", given=purpose + b"\0" + content,
        )
        signature = pb.DigitalSignature(
            algorithm="ALGORITHM_SM2_WITH_SM3",
            distinguishing_identifier=IDENTIFIER,
            value=value,
            public_key=self.public_key,
        )
        return {"statement": content, "signature": signature}

    def party(self):
        """Who it is."""
        raise NotImplementedError

    def new_account(self, category, code):
        """A request for an account."""
        request_id = new_id()
        statement = pb.AccountStatement(
            request_id=request_id, holder_code=code, public_key=self.public_key
        )
        return pb.CreateAccountRequest(
            account=pb.Account(category=category, holder=self.party()),
            request_id=request_id,
            **self.signed(statement),
        )

    def answer(self, challenge):
        """A request for a session."""
        return pb.CreateSessionRequest(
            **self.signed(
                pb.LoginStatement(
                    account=self.account, challenge=challenge.name, nonce=challenge.nonce
                )
            )
        )

    def acceptance(self, agreement, text_sm3=None):
        """A request to sign the handling agreement."""
        statement = pb.AgreementStatement(
            account=self.account,
            agreement=agreement.name,
            text_sm3=sm3(agreement.text.encode()) if text_sm3 is None else text_sm3,
        )
        return pb.SignAgreementRequest(
            name=self.account, request_id=new_id(), **self.signed(statement)
        )

    def signature_of(self, task, document_sm3=None):
        """A request to sign the document of a task, by hand and by key."""
        now = timestamp_pb2.Timestamp()
        now.GetCurrentTime()
        points = [
            pb.StrokePoint(x=10 + step, y=20 + step * step, offset_ms=step * 8, pressure=500)
            for step in range(12)
        ]
        statement = pb.DocumentStatement(
            task=task.name,
            document_sm3=task.document_sm3 if document_sm3 is None else document_sm3,
            signer=self.account,
            roles=task.roles,
            sign_time=now,
            strokes=[pb.Stroke(points=points)],
            device="interop",
        )
        return pb.SignDocumentRequest(
            name=task.name, request_id=new_id(), **self.signed(statement)
        )


class Person(Signer):
    """A natural person."""

    def __init__(self, folder, name):
        super().__init__(folder, name)
        self.full_name, self.number = PERSONS[name]
        self.mobile = f"139000000{name[1:]}"

    def natural(self):
        """The person as filings name it."""
        return pb.NaturalPerson(
            full_name=self.full_name, identity_number=self.number, mobile_number=self.mobile
        )

    def party(self):
        return pb.Party(person=self.natural())

    def application(self):
        """A request for an account."""
        return self.new_account("CATEGORY_NATURAL_PERSON", self.number)


class Company(Signer):
    """A company that the legal-entity library knows."""

    enterprise_name, code = "大连明澈咨询有限公司", "91210200XX0000027C"

    def party(self):
        organization = pb.Organization(
            enterprise_name=self.enterprise_name, credit_code=self.code
        )
        return pb.Party(organization=organization)

    def application(self):
        """A request for an account."""
        return self.new_account("CATEGORY_ENTERPRISE_LEGAL_PERSON", self.code)
