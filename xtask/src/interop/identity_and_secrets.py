"""Microsoft's own Python clients against the emulator: who signs in how, and what the vault does.

Takes the line that `emulator serve --tls` prints, and a folder for the client's key and certificate.
"""

import datetime
import json
import os
import pathlib
import ssl
import sys
import threading
import urllib.parse
import urllib.request

from azure.core.exceptions import ClientAuthenticationError, HttpResponseError, ResourceNotFoundError
from azure.identity import (
    CertificateCredential,
    ClientAssertionCredential,
    ClientSecretCredential,
    DeviceCodeCredential,
    ManagedIdentityCredential,
)
from azure.keyvault.secrets import SecretClient
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa

places = json.loads(sys.argv[1])
certificate = pathlib.Path(sys.argv[2]) / "client.pem"
trust = places["certificate_authority"]

TENANT = "70000000-0000-4000-8000-000000000001"
CLIENT = "a0000000-0000-4000-8000-000000000005"
SECRET = "emulated-client-secret"
FABRIC = "https://api.fabric.microsoft.com/.default"
AT_ENTRA = {"authority": places["entra"], "disable_instance_discovery": True, "connection_verify": trust}

verified = ssl.create_default_context(cafile=trust)
passed = 0


def check(name, outcome):
    global passed
    if not outcome:
        sys.exit(f"FAILED: {name}")
    passed += 1
    print(f"passed: {name}")


def refused(kind, code, call):
    try:
        call()
    except kind as error:
        return code in str(error)
    return False


def register_certificate():
    """Makes a certificate, and lets the emulated application know it."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "interop")])
    now = datetime.datetime.now(datetime.timezone.utc)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(x509.random_serial_number()).not_valid_before(now)
    made = builder.not_valid_after(now + datetime.timedelta(days=1)).sign(key, hashes.SHA256())
    public = made.public_bytes(serialization.Encoding.PEM)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    certificate.write_bytes(private + public)
    with urllib.request.urlopen(f"{places['control']}/world", context=verified) as answer:
        world = json.load(answer)
    for principal in world["principals"]:
        if principal.get("appId") == CLIENT:
            principal["credentials"]["certificates"] = [public.decode()]
    request = urllib.request.Request(f"{places['control']}/world", data=json.dumps(world).encode(), method="PUT")
    urllib.request.urlopen(request, context=verified).close()


def opens_fabric(credential):
    request = urllib.request.Request(f"{places['fabric']}/v1/workspaces")
    request.add_header("authorization", f"Bearer {credential.get_token(FABRIC).token}")
    with urllib.request.urlopen(request, context=verified) as answer:
        return answer.status == 200


by_secret = ClientSecretCredential(TENANT, CLIENT, SECRET, **AT_ENTRA)
check("ClientSecretCredential opens Fabric", opens_fabric(by_secret))
wrong = ClientSecretCredential(TENANT, CLIENT, "wrong", **AT_ENTRA)
check(
    "ClientSecretCredential with a wrong secret is told AADSTS7000215",
    refused(ClientAuthenticationError, "AADSTS7000215", lambda: wrong.get_token(FABRIC)),
)
register_certificate()
by_certificate = CertificateCredential(TENANT, CLIENT, str(certificate), **AT_ENTRA)
check("CertificateCredential opens Fabric", opens_fabric(by_certificate))
nobody = ClientAssertionCredential(TENANT, CLIENT, lambda: "not.a.token", **AT_ENTRA)
check(
    "ClientAssertionCredential with no assertion is told AADSTS50027",
    refused(ClientAuthenticationError, "AADSTS50027", lambda: nobody.get_token(FABRIC)),
)


def sign_in(address, code, _expires):
    def decide():
        form = urllib.parse.urlencode({"user_code": code, "decision": "approve"}).encode()
        urllib.request.urlopen(urllib.request.Request(address, data=form), context=verified).close()

    threading.Thread(target=decide).start()


by_person = DeviceCodeCredential(tenant_id=TENANT, prompt_callback=sign_in, timeout=60, **AT_ENTRA)
check("DeviceCodeCredential opens Fabric", opens_fabric(by_person))

# As App Service announces it.
os.environ["IDENTITY_ENDPOINT"] = f"{places['entra']}/msi/token"
os.environ["IDENTITY_HEADER"] = "emulated-identity-header"
by_machine = ManagedIdentityCredential(connection_verify=trust)
check("ManagedIdentityCredential opens Fabric", opens_fabric(by_machine))

vault = SecretClient(places["keyvault"], by_secret, verify_challenge_resource=False, connection_verify=trust)
first = vault.set_secret("interop", "one", content_type="text/plain", tags={"made": "here"})
second = vault.set_secret("interop", "two")
check("SecretClient sets and gets the newest version", vault.get_secret("interop").value == "two")
check("SecretClient gets an older version", vault.get_secret("interop", first.properties.version).value == "one")
listed = {secret.version for secret in vault.list_properties_of_secret_versions("interop")}
check("SecretClient lists versions", listed == {first.properties.version, second.properties.version})
for number in range(30):
    vault.set_secret(f"page-{number:02}", "v")
names = [secret.name for secret in vault.list_properties_of_secrets()]
check("SecretClient lists 31 secrets over two pages", len(names) == 31 and "interop" in names)
vault.update_secret_properties("interop", second.properties.version, enabled=False)
check(
    "SecretClient is refused a disabled secret",
    refused(HttpResponseError, "SecretDisabled", lambda: vault.get_secret("interop"))
    or refused(HttpResponseError, "disabled secret", lambda: vault.get_secret("interop")),
)
vault.update_secret_properties("interop", second.properties.version, enabled=True)
check(
    "SecretClient is told SecretNotFound",
    refused(ResourceNotFoundError, "SecretNotFound", lambda: vault.get_secret("nowhere")),
)
check("SecretClient deletes", vault.begin_delete_secret("interop").result().name == "interop")
check("SecretClient finds a deleted secret", vault.get_deleted_secret("interop").name == "interop")
check("SecretClient recovers", vault.begin_recover_deleted_secret("interop").result().name == "interop")
check("SecretClient gets what was recovered", vault.get_secret("interop").value == "two")
vault.begin_delete_secret("interop").wait()
vault.purge_deleted_secret("interop")
check(
    "SecretClient purges for good",
    refused(ResourceNotFoundError, "SecretNotFound", lambda: vault.get_deleted_secret("interop")),
)
print(f"{passed} of {passed} passed")
