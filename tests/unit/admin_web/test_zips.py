"""Archives: what is in them, when it was changed, and that they are made while they are read."""

from __future__ import annotations

import subprocess
import zipfile
from io import BytesIO
from pathlib import Path

import pytest

from admin_web import zips
from admin_web.places import Place, locate, stat
from auth.access import FolderType, authorize
from core.errors import GatewayError
from storage import files, uploads
from storage.uploads import Announced
from tests.needs import program
from tests.unit.admin_web.cast import Site

_NOON_US = 1_775_012_400_000_000  # 1 April 2026, 12:00 in Tokyo
_MIB = 1024 * 1024


def _put(site: Site, name: str, data: bytes, modified_us: int | None = None) -> None:
    grant = authorize(site.caller("hanako"), FolderType.MY)
    uploads.write(
        site.parts.files, grant, ("箱", name), BytesIO(data).read, Announced(len(data), modified_us=modified_us)
    )


@pytest.fixture
def box(site: Site) -> Place:
    """Return a folder in hanako's My Folder."""
    place = locate(site.parts.database, site.caller("hanako"), "my/箱")
    files.make_collection(site.parts.files, place.grant, place.names)
    return place


def _archive(site: Site, place: Place) -> bytes:
    return b"".join(zips.stream(site.parts.files, [(place, stat(site.parts.files, place))]))


@pytest.mark.parametrize(
    ("modified_us", "told"),
    [
        (_NOON_US, (2026, 4, 1, 12, 0, 0)),
        (_NOON_US + 3_000_000, (2026, 4, 1, 12, 0, 2)),  # ZIP counts in twos
        (0, (1980, 1, 1, 0, 0, 0)),
        (315_500_399_000_000, (1980, 1, 1, 0, 0, 0)),
        (4_354_819_199_000_000, (2107, 12, 31, 23, 59, 58)),
        (4_354_819_200_000_000, (2107, 12, 31, 23, 59, 58)),
        (253_402_000_000_000_000, (2107, 12, 31, 23, 59, 58)),
    ],
)
def test_a_file_keeps_its_time_in_the_archive(site: Site, box: Place, modified_us: int, told: tuple[int, ...]) -> None:
    _put(site, "a.txt", b"words", modified_us)
    with zipfile.ZipFile(BytesIO(_archive(site, box))) as archive:
        assert archive.getinfo("箱/a.txt").date_time == told
        assert archive.getinfo("箱/").date_time == (2026, 4, 1, 12, 0, 0)


def test_an_archive_is_whole_and_other_programs_unpack_it(site: Site, box: Place, tmp_path: Path) -> None:
    contents = {"a.txt": b"words", "空": b"", "大.bin": bytes(range(256)) * (3 * _MIB // 256), "b c.txt": b"x"}
    for name, data in contents.items():
        _put(site, name, data)
    path = tmp_path / "箱.zip"
    path.write_bytes(_archive(site, box))
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        assert {one.removeprefix("箱/"): archive.read(one) for one in archive.namelist()} == {"": b"", **contents}
    subprocess.run([program("unzip", "unzip"), "-q", path], cwd=tmp_path, check=True)
    assert {one.name: one.read_bytes() for one in (tmp_path / "箱").iterdir()} == contents


def test_an_archive_comes_while_its_files_are_read_a_block_at_a_time(site: Site, box: Place) -> None:
    _put(site, "large", bytes(12 * _MIB))
    sizes = [len(one) for one in zips.stream(site.parts.files, [(box, stat(site.parts.files, box))])]
    assert len(sizes) > 12
    assert max(sizes) < 2 * _MIB


def test_a_file_that_vanishes_ends_the_archive_early(site: Site, box: Place) -> None:
    _put(site, "a", bytes(_MIB))
    _put(site, "b", bytes(_MIB))
    blocks = zips.stream(site.parts.files, [(box, stat(site.parts.files, box))])
    got = [next(blocks), next(blocks)]
    for one in list(site.parts.files.objects.list("azukari/")):
        site.parts.files.objects.delete([one.key])
    with pytest.raises(GatewayError):
        got.extend(blocks)
    assert not zipfile.is_zipfile(BytesIO(b"".join(got)))
