"""A certificate authority of one control plane, and the certificates and keys it is made of."""

import datetime
import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from sandbox.run_directory import write_atomically

# A local cloud does not outlive this; the authority's certificate stands in the engine's state.
_YEARS = 10
# A clock that was set back between two starts must not make the certificates invalid.
_BACKDATED = datetime.timedelta(days=1)


@dataclass(frozen=True)
class Authority:
    """A folder with `ca.crt`, and NAME.crt with NAME.key for each name it signed."""

    folder: Path

    @property
    def certificate(self) -> Path:
        """What clients trust."""
        return self.folder / "ca.crt"

    def certificate_of(self, name: str) -> Path:
        """What was signed for a name."""
        return self.folder / f"{name}.crt"

    def key_of(self, name: str) -> Path:
        """The private key of a name."""
        return self.folder / f"{name}.key"

    def create(self, names: Sequence[str], hosts: Sequence[str]) -> None:
        """Make what is not there; what is there stays, because clients have it.

        Args:
            names: each gets a certificate, good for servers and clients.
            hosts: names and addresses under which the servers are reached.
        """
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not all(file.is_file() for file in (self.certificate, self.key_of("ca"))):
            self._create_authority()
            for name in names:
                self.certificate_of(name).unlink(missing_ok=True)
        for name in names:
            if not all(file.is_file() for file in (self.certificate_of(name), self.key_of(name))):
                self._sign(name, hosts)

    def create_key(self, name: str) -> None:
        """Make a private key without a certificate, for signing tokens."""
        if not self.key_of(name).is_file():
            _write_key(self.key_of(name), ec.generate_private_key(ec.SECP256R1()))

    def _create_authority(self) -> None:
        key = ec.generate_private_key(ec.SECP256R1())
        name = _name("stanchion-local")
        made = (
            _builder(name, name, key.public_key())
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_usage(signs_certificates=True), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .sign(key, hashes.SHA256())
        )
        _write_key(self.key_of("ca"), key)
        _write_certificate(self.certificate, made)

    def _sign(self, name: str, hosts: Sequence[str]) -> None:
        loaded = serialization.load_pem_private_key(self.key_of("ca").read_bytes(), None)
        authority = x509.load_pem_x509_certificate(self.certificate.read_bytes())
        if not isinstance(loaded, ec.EllipticCurvePrivateKey):
            raise TypeError(f"{self.key_of('ca')} is not a key this authority made")
        key = ec.generate_private_key(ec.SECP256R1())
        uses = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
        signed = (
            _builder(_name(name), authority.subject, key.public_key())
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(signs_certificates=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage(uses), critical=False)
            .add_extension(x509.SubjectAlternativeName([_host(host) for host in hosts]), critical=False)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(loaded.public_key()), critical=False)
            .sign(loaded, hashes.SHA256())
        )
        _write_key(self.key_of(name), key)
        _write_certificate(self.certificate_of(name), signed)


def _builder(subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
    now = datetime.datetime.now(datetime.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _BACKDATED)
        .not_valid_after(now + datetime.timedelta(days=365 * _YEARS))
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True, key_cert_sign=signs_certificates, crl_sign=signs_certificates,
        content_commitment=False, key_encipherment=False, data_encipherment=False, key_agreement=False,
        encipher_only=False, decipher_only=False,
    )  # fmt: skip


def _host(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _write_certificate(file: Path, certificate: x509.Certificate) -> None:
    write_atomically(file, certificate.public_bytes(serialization.Encoding.PEM).decode())


def _write_key(file: Path, key: ec.EllipticCurvePrivateKey) -> None:
    # The form that says which kind of key it is: the API server takes no other for the signer of tokens.
    encoded = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )
    write_atomically(file, encoded.decode())
