"""The command that connects this PC's loopback address as a drive, by platform."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from core.errors import ToolFailed

#: Explorer's WebDAV client gives Basic passwords to plain http addresses only after this, loopback or not.
WINDOWS_BASIC = (
    r"reg add HKLM\SYSTEM\CurrentControlSet\Services\WebClient\Parameters"
    " /v BasicAuthLevel /t REG_DWORD /d 2 /f && net stop webclient & net start webclient"
)


#: Where programs are that nobody types.
_BEHIND = os.pathsep.join(("/usr/libexec", "/usr/lib", "/usr/lib/gvfs", "/usr/sbin", "/sbin"))


def find_program(name: str) -> str | None:
    """Return where a program is, also one that is not for typing; None where there is none."""
    return shutil.which(name) or shutil.which(name, path=_BEHIND)


@dataclass(frozen=True, slots=True)
class Mount:
    """A command, what it is to be told on standard input, and the folder it needs."""

    command: tuple[str, ...]
    answers: str = ""
    folder: Path | None = None

    @property
    def text(self) -> str:
        """Return the command as one types it."""
        return shlex.join(self.command)

    def run(self) -> None:
        """Run it. Raises ToolFailed where it fails."""
        if self.folder is not None:
            self.folder.mkdir(parents=True, exist_ok=True)
        try:
            done = subprocess.run(self.command, input=self.answers.encode(), check=False)
        except OSError as error:
            raise ToolFailed("agent.mount_failed", status=error.strerror) from None
        if done.returncode != 0:
            raise ToolFailed("agent.mount_failed", status=done.returncode)


def mount_of(
    platform: str, url: str, user: str, password: str, *, find: Callable[[str], str | None], folder: Path, is_root: bool
) -> Mount:
    """Return how to connect `url` on a platform (as sys.platform names it); `find` tells where a program is.

    Raises ToolFailed where a Linux has neither gio nor davfs2.
    """
    if platform == "win32":
        return Mount(("net", "use", "*", url, password, f"/user:{user}"))
    if platform == "darwin":
        script = f'mount volume "{url}" as user name "{user}" with password "{password}"'
        return Mount(("osascript", "-e", script))
    if find("gio") and find("gvfsd-dav"):  # gio without it knows no WebDAV
        scheme, _, rest = url.partition("://")
        return Mount(("gio", "mount", f"{'davs' if scheme == 'https' else 'dav'}://{user}@{rest}"), f"{password}\n")
    if find("mount.davfs"):
        command = ("mount", "-t", "davfs", url, str(folder))
        return Mount(command if is_root else ("sudo", *command), f"{user}\n{password}\n", folder)
    raise ToolFailed("agent.no_mount_command", url=url)
