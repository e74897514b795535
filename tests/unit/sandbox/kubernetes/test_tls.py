import ssl
from pathlib import Path

import pytest

from sandbox.kubernetes.tls import Authority


def files(authority: Authority) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in authority.folder.iterdir()}


def handshake(server: Authority, client: Authority, host: str) -> None:
    """As servers and clients do it, in memory."""
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(server.certificate_of("server"), server.key_of("server"))
    trusting = ssl.create_default_context(cafile=client.certificate)
    # What newer versions of Python ask of every certificate.
    trusting.verify_flags |= ssl.VERIFY_X509_STRICT
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    ours = trusting.wrap_bio(to_client, to_server, server_hostname=host)
    theirs = serving.wrap_bio(to_server, to_client, server_side=True)
    for _ in range(4):
        for side in (ours, theirs):
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                continue
    assert ours.version() is not None


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    made = Authority(tmp_path / "tls")
    made.create(["server"], ["127.0.0.1", "localhost"])
    return made


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_client_that_trusts_the_authority_trusts_its_servers(authority: Authority, host: str):
    handshake(authority, authority, host)


def test_another_host_and_another_authority_are_not_trusted(authority: Authority, tmp_path: Path):
    with pytest.raises(ssl.SSLCertVerificationError, match=r"kubernetes\.example"):
        handshake(authority, authority, "kubernetes.example")
    other = Authority(tmp_path / "other")
    other.create(["server"], ["127.0.0.1"])
    with pytest.raises(ssl.SSLCertVerificationError, match="verify failed"):
        handshake(authority, other, "127.0.0.1")


def test_made_once_and_completed_where_something_is_missing(authority: Authority):
    first = files(authority)
    authority.create(["server"], ["127.0.0.1", "localhost"])
    assert files(authority) == first
    authority.create(["server", "etcd"], ["127.0.0.1", "localhost"])
    assert {name: content for name, content in files(authority).items() if "etcd" not in name} == first
    authority.key_of("ca").unlink()
    authority.create(["server"], ["127.0.0.1", "localhost"])
    # What the lost key signed is worth nothing.
    assert authority.certificate_of("server").read_bytes() != first["server.crt"]
    handshake(authority, authority, "127.0.0.1")


def test_only_the_owner_reads_keys_and_a_signer_says_which_kind_it_is(authority: Authority):
    authority.create_key("signer")
    kept = authority.key_of("signer").read_bytes()
    authority.create_key("signer")
    assert authority.key_of("signer").read_bytes() == kept
    assert kept.startswith(b"-----BEGIN EC PRIVATE KEY-----")
    assert authority.folder.stat().st_mode & 0o777 == 0o700
    assert {file.stat().st_mode & 0o777 for file in authority.folder.glob("*.key")} == {0o600}
