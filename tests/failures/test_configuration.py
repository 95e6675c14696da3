"""A configuration that cannot work is refused at the start: status 1, with key, value, file and reason, no trace."""

import subprocess
from pathlib import Path

import pytest

from tests.product import AZUKARI

pytestmark = pytest.mark.slow

#: What the file says, and the words the refusal must hold beside the file's name.
REFUSED = {
    "an unknown key": ("server:\n  prot: 80\n", ("server.prot",)),
    "a value of the wrong kind": ("server:\n  port: eighty\n", ("server.port", "eighty")),
    "a value out of range": ("server:\n  workers: 0\n", ("server.workers", "0")),
    "a certificate without its key": ("server:\n  certificate: a.pem\n", ("certificate", "private_key")),
    "an endpoint without keys": ("object_store:\n  endpoint: http://127.0.0.1:9\n", ("access_key",)),
    "no mapping": ("- a\n- b\n", ("mapping",)),
    "no YAML": ("server: [\n", ("YAML",)),
}


def start(*options: str) -> str:
    """Start the service, which must refuse; return its words."""
    done = subprocess.run([AZUKARI, "serve", *options], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done.stderr.replace("\n", "")


@pytest.mark.parametrize(("text", "words"), REFUSED.values(), ids=REFUSED)
def test_a_bad_file_is_refused_with_the_key_and_the_reason(text: str, words: tuple[str, ...], tmp_path: Path) -> None:
    config = tmp_path / "config.yaml"
    config.write_text(text)
    said = start("--config", str(config), "--data", str(tmp_path / "data"))
    assert config.name in said
    for word in words:
        assert word in said, said


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    assert "none.yaml" in start("--config", str(tmp_path / "none.yaml"), "--data", str(tmp_path / "data"))


def test_a_certificate_that_is_not_there_is_named(tmp_path: Path) -> None:
    config = tmp_path / "config.yaml"
    config.write_text(f"server:\n  port: 0\n  certificate: {tmp_path}/no.pem\n  private_key: {tmp_path}/no.key\n")
    assert "no.pem" in start("--config", str(config), "--data", str(tmp_path / "data"))


def test_an_object_store_that_is_not_there_is_named(tmp_path: Path) -> None:
    config = tmp_path / "config.yaml"
    keys = "access_key: a\n  secret_key: b"
    config.write_text(f"server:\n  port: 0\nobject_store:\n  endpoint: http://127.0.0.1:9\n  {keys}\n")
    assert "127.0.0.1:9" in start("--config", str(config), "--data", str(tmp_path / "data"))


def test_a_data_directory_that_cannot_be_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    config = tmp_path / "config.yaml"
    config.write_text("server:\n  port: 0\n")
    assert "file" in start("--config", str(config), "--data", str(tmp_path / "file" / "data"))
