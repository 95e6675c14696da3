"""Photos as they come from cameras, phones, scanners, and from people who mean no good."""

from __future__ import annotations

import os
import struct
import zlib
from io import BytesIO
from typing import Any

import pytest
from PIL import Image, ImageCms

from groupware.contest_photos import LONGER_SIDE, MOST_PICTURE_BYTES, PhotoRefused, render


def _file(image: Image.Image, kind: str, **options: Any) -> bytes:
    out = BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def _shown(data: bytes) -> Image.Image:
    """Return the picture of a photo, as a browser has it."""
    rendered = render(data)
    image = Image.open(BytesIO(rendered.data))
    assert image.format == "JPEG"
    assert (image.mode, image.size) == ("RGB", (rendered.width, rendered.height))
    return image


def _near(pixel: Any, wanted: tuple[int, int, int], by: int = 4) -> bool:
    return all(abs(one - other) <= by for one, other in zip(pixel, wanted, strict=True))


def _png(width: int, height: int, pixels: bytes) -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(pixels)) + chunk(b"IEND", b"")


_RED = Image.new("RGB", (60, 40), "red")


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "TIFF"])
def test_a_photo_of_every_kind_becomes_a_picture(kind: str) -> None:
    shown = _shown(_file(_RED, kind))
    assert shown.size == (60, 40)
    assert _near(shown.getpixel((30, 20)), (254, 0, 0))


def test_a_large_photo_becomes_a_small_picture() -> None:
    assert _shown(_file(Image.new("RGB", (4000, 3000)), "JPEG")).size == (LONGER_SIDE, LONGER_SIDE * 3 // 4)
    assert _shown(_file(Image.new("RGB", (LONGER_SIDE, 10)), "PNG")).size == (LONGER_SIDE, 10)
    assert _shown(_file(Image.new("RGB", (20_000, 1)), "PNG")).size == (LONGER_SIDE, 1)


def test_a_picture_stands_upright_and_tells_nothing_of_camera_and_place() -> None:
    left_is_blue = Image.new("RGB", (400, 200), "red")
    left_is_blue.paste("blue", (0, 0, 200, 200))
    noted = Image.Exif()
    noted[0x0112], noted[0x010F] = 6, "Camera of Hanako"  # turned a quarter; the maker
    noted.get_ifd(0x8825)[2] = (35.0, 39.0, 29.0)  # GPS latitude
    data = _file(left_is_blue, "JPEG", exif=noted, comment=b"Hanako's house")
    shown = _shown(data)
    assert shown.size == (200, 400)
    assert _near(shown.getpixel((100, 50)), (0, 0, 254))
    assert _near(shown.getpixel((100, 350)), (254, 0, 0))
    assert b"Hanako" in data
    assert b"Hanako" not in render(data).data
    assert dict(shown.getexif()) == {}
    assert "exif" not in shown.info
    assert "comment" not in shown.info


@pytest.mark.parametrize(
    ("image", "kind", "wanted"),
    [
        (Image.new("CMYK", (50, 50), (0, 255, 255, 0)), "JPEG", (254, 0, 0)),
        (Image.new("I;16", (50, 50), 0x8000), "PNG", (128, 128, 128)),
        (Image.new("I;16", (50, 50), 0x8000), "TIFF", (128, 128, 128)),
        (Image.new("L", (50, 50), 70), "PNG", (70, 70, 70)),
        (Image.new("1", (50, 50), 1), "PNG", (255, 255, 255)),
        (Image.new("RGBA", (50, 50), (255, 0, 0, 0)), "PNG", (255, 255, 255)),
        (Image.new("LA", (50, 50), (0, 0)), "PNG", (255, 255, 255)),
        (Image.new("P", (50, 50), 0), "PNG", (0, 0, 0)),
    ],
    ids=lambda value: value.mode if isinstance(value, Image.Image) else None,
)
def test_colours_of_every_mode_come_out_as_they_look(
    image: Image.Image, kind: str, wanted: tuple[int, int, int]
) -> None:
    assert _near(_shown(_file(image, kind)).getpixel((25, 25)), wanted)


def test_a_colour_profile_is_applied_and_one_that_is_none_passed_over() -> None:
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for profile in (srgb, b"no profile at all"):
        shown = _shown(_file(_RED, "PNG", icc_profile=profile))
        assert _near(shown.getpixel((30, 20)), (254, 0, 0))
        assert "icc_profile" not in shown.info


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP", "TIFF"])
def test_what_holds_several_pictures_is_refused(kind: str) -> None:
    other = Image.new("RGB", (60, 40), "green")
    data = _file(_RED, kind, save_all=True, append_images=[other])
    with pytest.raises(PhotoRefused, match=r"^contest\.photo\.animated$"):
        render(data)


def test_the_preview_behind_a_cameras_photo_is_no_animation() -> None:
    data = _file(_RED, "MPO", save_all=True, append_images=[Image.new("RGB", (60, 40), "green")])
    assert _near(_shown(data).getpixel((30, 20)), (254, 0, 0))


_NOISE = Image.frombytes("RGB", (200, 200), os.urandom(200 * 200 * 3))


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "kind"),
        (b"%PDF-1.4 what a photo is not", "kind"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "kind"),
        (_file(_RED, "BMP"), "kind"),
        (_file(_NOISE, "JPEG")[:4000], "broken"),
        (_file(_NOISE, "PNG")[:60_000], "broken"),
        (_file(_NOISE, "WEBP", lossless=True)[:9000], "broken"),
        (_file(_NOISE, "TIFF")[:3000], "broken"),
        (_png(900, 900, b"\0" * 10), "broken"),
        (_png(8001, 8000, b""), "dimensions"),
        (_png(100_000, 100_000, b""), "dimensions"),
    ],
    ids=[
        "empty", "pdf", "svg", "bmp", "cut jpeg", "cut png", "cut webp", "cut tiff", "lying png", "a row too many",
        "bomb",
    ],
)  # fmt: skip
def test_what_is_no_photo_is_refused_with_the_reason(data: bytes, reason: str) -> None:
    with pytest.raises(PhotoRefused) as refused:
        render(data)
    assert refused.value.reason == f"contest.photo.{reason}"


def test_a_picture_has_a_size_however_noisy_its_photo() -> None:
    noise = Image.frombytes("RGB", (1200, 1200), os.urandom(1200 * 1200 * 3))
    assert len(render(_file(noise, "PNG", compress_level=1)).data) <= MOST_PICTURE_BYTES
