"""What the tool keeps on this PC: settings and a sealed client certificate in files, secrets in the system's keyring.

Where the system has no keyring, secrets stand in a file that its owner alone can read.
"""

from __future__ import annotations

import base64
import contextlib
import dataclasses
import json
import os
from dataclasses import dataclass
from pathlib import Path

import keyring
import platformdirs
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from keyring.errors import KeyringError

from core.errors import ToolFailed

#: The name of our entry in the keyring.
SERVICE = "azukari-agent"
KEYRING, FILE = "keyring", "file"


@dataclass(frozen=True, slots=True)
class Secrets:
    """What nobody else may know.

    `private_key` is base64 of 32 bytes; `local_password` opens the loopback drive, `certificate_password` the
    client certificate.
    """

    private_key: str
    dav_password: str
    local_password: str
    line_secret: str = ""
    certificate_password: str = ""

    def key(self) -> Ed25519PrivateKey:
        """Return the private key."""
        return Ed25519PrivateKey.from_private_bytes(base64.b64decode(self.private_key))


@dataclass(frozen=True, slots=True)
class Registration:
    """This PC as a registered device. `secrets_in` tells where `secrets` are kept.

    `certificate` is the device's client certificate with its key (PKCS#12), empty where the contract asks for none.
    """

    base_url: str
    login_id: str
    device_id: str
    device_name: str
    secrets: Secrets
    line_id: str = ""
    secrets_in: str = KEYRING
    certificate: bytes = b""


class Home:
    """One user's place on this PC."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or platformdirs.user_config_path("azukari", appauthor=False)
        self._settings = self.folder / "agent.json"
        self._secrets = self.folder / "agent-secrets.json"
        self._certificate = self.folder / "agent-certificate.p12"

    def is_registered(self) -> bool:
        """Return whether this PC is a registered device."""
        return self._settings.exists()

    def require_writable(self) -> None:
        """Return where settings can be kept. Raises ToolFailed."""
        probe = self.folder / "agent.probe"
        try:
            _write(probe, b"")
            probe.unlink()
        except OSError as error:
            raise self._cannot_write(error) from None

    def load(self) -> Registration:
        """Return this PC's registration. Raises ToolFailed where there is none, or it cannot be read."""
        try:
            settings = json.loads(self._settings.read_text(encoding="utf-8"))
            certificate = self._certificate.read_bytes() if self._certificate.exists() else b""
        except FileNotFoundError:
            raise ToolFailed("agent.not_registered") from None
        except (OSError, ValueError) as error:
            raise ToolFailed("agent.settings_broken", file=self._settings, reason=error) from None
        kept = self._read_secrets(settings["device_id"], settings["secrets_in"])
        if kept is None:
            raise ToolFailed("agent.secrets_gone")
        return Registration(**settings, secrets=Secrets(**json.loads(kept)), certificate=certificate)

    def save(self, registration: Registration) -> Registration:
        """Keep a registration, its secrets in the keyring where there is one; return it as it was kept.

        Raises ToolFailed where nothing can be written.
        """
        secrets = json.dumps(dataclasses.asdict(registration.secrets))
        try:
            kept = dataclasses.replace(registration, secrets_in=self._write_secrets(registration.device_id, secrets))
            settings = dataclasses.asdict(kept)
            del settings["secrets"], settings["certificate"]
            if kept.certificate:
                _write(self._certificate, kept.certificate)
            _write(self._settings, (json.dumps(settings, ensure_ascii=False, indent=2) + "\n").encode())
        except OSError as error:
            raise self._cannot_write(error) from None
        return kept

    def forget(self) -> bool:
        """Remove everything that was kept; False where there was nothing."""
        known = self.is_registered()
        with contextlib.suppress(OSError, ValueError, KeyError, KeyringError):
            device_id = json.loads(self._settings.read_text(encoding="utf-8"))["device_id"]
            keyring.delete_password(SERVICE, device_id)
        for file in (self._secrets, self._certificate, self._settings):
            file.unlink(missing_ok=True)
        return known

    def _cannot_write(self, error: OSError) -> ToolFailed:
        return ToolFailed("agent.cannot_write", file=self.folder, reason=error.strerror)

    def _read_secrets(self, device_id: str, place: str) -> str | None:
        try:
            if place == FILE:
                return self._secrets.read_text(encoding="utf-8")
            return keyring.get_password(SERVICE, device_id)
        except (OSError, KeyringError) as error:
            raise ToolFailed("agent.secrets_closed", reason=error) from None

    def _write_secrets(self, device_id: str, secrets: str) -> str:
        try:
            keyring.set_password(SERVICE, device_id, secrets)
        except KeyringError:  # no keyring on this system, or nobody to unlock it
            _write(self._secrets, secrets.encode())
            return FILE
        self._secrets.unlink(missing_ok=True)
        return KEYRING


def _write(path: Path, content: bytes) -> None:
    """Replace a file in one step; nobody but its owner can read it, not even for a moment."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_suffix(".new")
    draft.unlink(missing_ok=True)
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
