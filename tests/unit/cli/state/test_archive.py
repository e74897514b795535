import json

import pytest

from stanchion.cli.state.archive import Archive, ArchiveError, checked, digest, names_in, refuse_plain_secrets

SIGNATURE = "4dabf18193072939515e22adb298388d"
SECRET = "1b47061264138c4ac30d75fd1eb44270"
WHERE = "s3://bucket/state-archives/prod/now"


def archive() -> Archive:
    files = {"stacks/exports/prod-state.json": b"{}", "environments/prod.yaml": b"name: prod\n"}
    return Archive("prod", "now", ("prod-state",), files)


def test_what_was_saved_is_read_back():
    saved = archive()
    again = checked(saved.manifest(), saved.files, WHERE)
    assert again == saved
    assert again.export_of("prod-state") == b"{}"
    assert again.documents == {"environments/prod.yaml": b"name: prod\n"}


def test_the_manifest_names_every_file_with_its_checksum():
    saved = archive()
    assert names_in(saved.manifest(), WHERE) == {name: digest(content) for name, content in saved.files.items()}


def test_a_changed_file_is_named():
    saved = archive()
    files = {**saved.files, "environments/prod.yaml": b"name: other\n"}
    with pytest.raises(ArchiveError, match=r"damaged: environments/prod\.yaml has SHA-256"):
        checked(saved.manifest(), files, WHERE)


def test_a_missing_file_is_named():
    saved = archive()
    files = {name: content for name, content in saved.files.items() if name.startswith("stacks")}
    with pytest.raises(ArchiveError, match=r"not whole: environments/prod\.yaml is missing"):
        checked(saved.manifest(), files, WHERE)


def test_a_file_that_the_manifest_does_not_name_is_left_out():
    saved = archive()
    again = checked(saved.manifest(), {**saved.files, "extra": b"?"}, WHERE)
    assert "extra" not in again.files


def test_a_stack_without_its_export_is_refused():
    saved = Archive("prod", "now", ("prod-state", "prod-links"), archive().files)
    with pytest.raises(ArchiveError, match="names stack 'prod-links'"):
        checked(saved.manifest(), saved.files, WHERE)


@pytest.mark.parametrize("manifest", [b"", b"[]", b"{}", b'{"version": "1"}', b"\xff"])
def test_what_is_no_manifest_is_refused(manifest: bytes):
    with pytest.raises(ArchiveError, match="not a manifest"):
        checked(manifest, {}, WHERE)


def test_a_newer_version_is_refused():
    with pytest.raises(ArchiveError, match="has version 9"):
        checked(b'{"version": 9}', {}, WHERE)


def test_a_manifest_without_its_keys_is_refused():
    with pytest.raises(ArchiveError, match="lacks a key"):
        checked(b'{"version": 1}', {}, WHERE)


def export(inputs: object) -> bytes:
    return json.dumps({"version": 3, "deployment": {"resources": [{"urn": "u", "inputs": inputs}]}}).encode()


def test_an_export_with_encrypted_secrets_is_taken():
    refuse_plain_secrets(export({"password": {SIGNATURE: SECRET, "ciphertext": "v1:abc"}}), "prod-state")


def test_an_export_with_a_readable_secret_is_refused_and_the_secret_is_not_said():
    with pytest.raises(ArchiveError, match="plain text") as refused:
        refuse_plain_secrets(
            export({"deep": [{"password": {SIGNATURE: SECRET, "plaintext": '"hunter2"'}}]}), "prod-state"
        )
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize("text", [b"", b"[]", b"nonsense"])
def test_what_is_no_export_is_refused(text: bytes):
    with pytest.raises(ArchiveError, match="not a Pulumi export"):
        refuse_plain_secrets(text, "prod-state")
