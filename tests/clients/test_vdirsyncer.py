"""vdirsyncer keeps a folder of iCalendar files and a calendar the same, both ways, without losing anything."""

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests.product import Product

pytestmark = [pytest.mark.slow, pytest.mark.parametrize("server", ["cheroot"], indirect=True)]
_SECONDS = 120.0
_CALENDAR = "vdirsyncer-test"


@dataclass(frozen=True)
class Pair:
    """A local folder and a calendar on the server."""

    config: Path
    local: Path
    http: httpx.Client

    def run(self, command: str) -> None:
        """Run vdirsyncer; it may create what it asks about."""
        done = subprocess.run(
            [str(Path(sys.executable).with_name("vdirsyncer")), "-c", str(self.config), command],
            input="y\ny\ny\n", capture_output=True, text=True, timeout=_SECONDS, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr

    def here(self) -> dict[str, str]:
        """Return the folder's entries by UID, as their summaries."""
        return dict(_summary(one.read_text()) for one in self.local.glob("*.ics"))

    def there(self) -> dict[str, str]:
        """Return the calendar's entries by UID, as their summaries."""
        names = self.http.get(".").text.split()
        return dict(_summary(self.http.get(name).text) for name in names)


def _summary(text: str) -> tuple[str, str]:
    lines = dict(line.partition(":")[::2] for line in text.replace("\r\n", "\n").split("\n") if ":" in line)
    return lines["UID"], lines["SUMMARY"]


def _event(uid: str, summary: str) -> str:
    return (
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//EN\r\nBEGIN:VEVENT\r\n"
        f"UID:{uid}\r\nDTSTAMP:20260401T000000Z\r\nDTSTART;TZID=Asia/Tokyo:20260406T100000\r\n"
        f"DURATION:PT1H\r\nRRULE:FREQ=WEEKLY;COUNT=5\r\nSUMMARY:{summary}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    )


@pytest.fixture
def pair(product: Product, tmp_path: Path) -> Iterator[Pair]:
    """Yield a pair with a fresh calendar, which is deleted afterwards."""
    password = product.logins["hanako"].dav_password
    assert password is not None
    home = f"{product.dav_url}calendars/hanako/"
    config = tmp_path / "config"
    config.write_text(
        f'[general]\nstatus_path = "{tmp_path / "status"}"\n'
        f'[pair both]\na = "files"\nb = "server"\ncollections = ["{_CALENDAR}"]\n'
        f'[storage files]\ntype = "filesystem"\npath = "{tmp_path / "local"}"\nfileext = ".ics"\n'
        f'[storage server]\ntype = "caldav"\nurl = "{home}"\nusername = "hanako"\npassword = "{password}"\n'
    )
    with httpx.Client(auth=("hanako", password), base_url=f"{home}{_CALENDAR}/", timeout=60) as http:
        assert http.request("MKCALENDAR", ".").status_code == 201
        yield Pair(config, tmp_path / "local" / _CALENDAR, http)
        assert http.delete(".").status_code == 204


def test_both_sides_become_the_same_and_nothing_is_lost(pair: Pair) -> None:
    pair.run("discover")
    assert pair.http.put("kept.ics", content=_event("kept", "残す")).status_code == 201  # it refuses to empty a side
    (pair.local / "a.ics").write_text(_event("a", "ローカルで作成"), newline="")
    assert pair.http.put("b.ics", content=_event("b", "サーバーで作成")).status_code == 201
    pair.run("sync")
    assert pair.here() == pair.there() == {"kept": "残す", "a": "ローカルで作成", "b": "サーバーで作成"}

    (here,) = (one for one in pair.local.glob("*.ics") if "UID:b" in one.read_text())
    here.write_text(_event("b", "ローカルで変更"), newline="")
    names = {_summary(pair.http.get(name).text)[0]: name for name in pair.http.get(".").text.split()}
    assert pair.http.put(names["a"], content=_event("a", "サーバーで変更")).status_code == 204
    pair.run("sync")
    assert pair.here() == pair.there() == {"kept": "残す", "a": "サーバーで変更", "b": "ローカルで変更"}

    here.unlink()
    pair.run("sync")
    assert pair.here() == pair.there() == {"kept": "残す", "a": "サーバーで変更"}
    assert pair.http.delete(names["a"]).status_code == 204
    pair.run("sync")
    assert pair.here() == pair.there() == {"kept": "残す"}
