"""How the doors speak TLS: sslyze finds nothing that Mozilla's "modern" configuration forbids, and a renewed certificate
is shown without a restart."""

import os
import pathlib
import socket
import ssl
import subprocess
import sys

from people import openssl
from table import Fact

SSLYZE = pathlib.Path(sys.executable).with_name("sslyze")


def renewed(s):
    """Gives the registry a certificate of 80 days, of the same root, as a site would have; no signal is sent."""
    house, request = s.house, s.house.folder / "registry.csr"
    key, certificate = house.folder / "registry.key", house.folder / "registry.pem"
    extensions = house.folder / "registry.ext"
    openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc", "-keyout", key, "-out", request,
            "-subj", "/CN=registry")
    extensions.write_text("subjectAltName=DNS:localhost,IP:127.0.0.1\nkeyUsage=critical,digitalSignature\n"
                          "extendedKeyUsage=serverAuth,clientAuth\nsubjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n")
    openssl("x509", "-req", "-in", request, "-CA", house.authority, "-CAkey", house.data / "ca/ca.key", "-days", "80",
            "-set_serial", "0x5eed", "-extfile", extensions, "-out", certificate)
    for source, target in ((key, house.key("registry")), (certificate, house.certificate("registry"))):
        os.replace(source, target)
    s.renewed = ssl.PEM_cert_to_DER_cert(house.certificate("registry").read_text())
    return True


def shown(address):
    """The certificate that a door shows, DER."""
    host, _, port = address.rpartition(":")
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with socket.create_connection((host, int(port)), 10) as plain, context.wrap_socket(plain) as wrapped:
        return wrapped.getpeercert(binary_form=True)


def scanned(s, address, name):
    """Whether sslyze, as somebody, finds a door as it should be.

    It needs a certificate at both doors: where one is asked for it reads on to see whether it must be shown, and whoever
    does not speak h2, as sslyze does not, is hung up on.
    """
    house = s.house
    command = [SSLYZE, "--mozilla_config", "modern", "--certinfo_ca_file", house.authority,
               "--cert", house.certificate(name), "--key", house.key(name), address]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    compliant = done.returncode == 0 and "OK - Compliant" in done.stdout
    if not compliant:
        print(done.stdout[-2_000:] + done.stderr)
    return compliant


ROWS = [
    Fact("a renewed certificate is put in place", renewed),
    Fact("the outer door shows it", lambda s: shown(s.house.outer) == s.renewed),
    Fact("the inner door shows it", lambda s: shown(s.house.inner) == s.renewed),
    Fact("sslyze: the outer door is modern", lambda s: scanned(s, s.house.outer, "partner-icbc-shenyang")),
    Fact("sslyze: the inner door is modern", lambda s: scanned(s, s.house.inner, "staff-S21010001")),
]
