"""From a stored photo to the picture a contest shows: smaller, upright, in sRGB, without what the camera noted (R27).

What people store is foreign data: only a few formats are read at all, dimensions are looked at before any pixel is
decoded, and one photo is decoded at a time, so that a bomb costs this process no more than `_MOST_PIXELS`.
"""

from __future__ import annotations

import threading
import warnings
from io import BytesIO
from typing import NamedTuple

from PIL import Image, ImageCms, ImageFile, ImageOps, UnidentifiedImageError

#: Files this large are read whole into memory, one at a time.
MOST_FILE_BYTES = 64 * 1024 * 1024
#: The longer side of a picture in pixels, and the most bytes it may take.
LONGER_SIDE, MOST_PICTURE_BYTES = 960, 256 * 1024
_MOST_PIXELS = 64_000_000
_FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "TIFF")
#: The largest quality at which a picture fits is taken; the last fits always in practice, and is taken regardless.
_QUALITIES = (85, 75, 60, 40, 20)
_SIXTEEN_BIT = ("I;16", "I;16B", "I;16L", "I;16N")

# Whoever decodes holds this: memory is bounded by one photo, whatever the number of requests.
_decoding = threading.Lock()
# Pillow refuses twice this many pixels by itself and warns from here on; below it is refused in so many words.
Image.MAX_IMAGE_PIXELS = _MOST_PIXELS
warnings.filterwarnings("ignore", category=Image.DecompressionBombWarning)
# A file that ends early is a photo with a grey bottom half; nobody votes for that.
ImageFile.LOAD_TRUNCATED_IMAGES = False


class PhotoRefused(Exception):
    """A file cannot become a picture; `reason` is a message id."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Rendered(NamedTuple):
    """A picture as JPEG, with its size in pixels."""

    data: bytes
    width: int
    height: int


def render(data: bytes) -> Rendered:
    """Return the picture of a photo. Raises PhotoRefused for what is none, is broken, animated, or too large."""
    with _decoding:
        try:
            with Image.open(BytesIO(data), formats=_FORMATS) as image:
                return _encode(_made_small(image))
        except UnidentifiedImageError:
            raise PhotoRefused("contest.photo.kind") from None
        except Image.DecompressionBombError:
            raise PhotoRefused("contest.photo.dimensions") from None
        except (OSError, SyntaxError, ValueError, EOFError, MemoryError, OverflowError, IndexError, KeyError):
            # Whatever a decoder says of bytes that are not what they claim to be.
            raise PhotoRefused("contest.photo.broken") from None


def _made_small(image: Image.Image) -> Image.Image:
    width, height = image.size
    if width * height > _MOST_PIXELS:
        raise PhotoRefused("contest.photo.dimensions")
    # Cameras put a preview, or the other eye's view, behind the photo: that is no animation.
    if image.format != "MPO" and getattr(image, "is_animated", False):
        raise PhotoRefused("contest.photo.animated")
    orientation = image.getexif().get(0x0112)
    image.draft("RGB", (LONGER_SIDE * 2, LONGER_SIDE * 2))  # JPEG decodes at an eighth, a quarter or half by itself
    image.load()
    small = _shrunk(_eight_bit(image))
    plain = _in_srgb(small, image.info.get("icc_profile"))
    if orientation is not None:
        plain.getexif()[0x0112] = orientation
        plain = ImageOps.exif_transpose(plain)
    return plain


def _eight_bit(image: Image.Image) -> Image.Image:
    """Return an image of 8 bits a channel; what has 16 is scaled, where Pillow alone would cut it off."""
    if image.mode in _SIXTEEN_BIT or image.mode == "I":
        return image.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    if image.mode in ("P", "PA"):
        return image.convert("RGBA")
    return image.convert("L") if image.mode in ("1", "F") else image


def _shrunk(image: Image.Image) -> Image.Image:
    scale = min(1.0, LONGER_SIDE / max(image.size))
    wanted = max(1, round(image.width * scale)), max(1, round(image.height * scale))
    return image.resize(wanted, Image.Resampling.LANCZOS) if wanted != image.size else image


def _in_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Return an image in RGB on white; its own colours where its profile can be understood."""
    if "A" in image.getbands():
        flat = Image.new("RGBA", image.size, "white")
        flat.alpha_composite(image.convert("RGBA"))
        image = flat.convert("RGB")
    if profile is not None and image.mode in ("RGB", "CMYK"):
        try:
            source, target = ImageCms.ImageCmsProfile(BytesIO(profile)), ImageCms.createProfile("sRGB")
            converted = ImageCms.profileToProfile(image, source, target, outputMode="RGB")
        except (ImageCms.PyCMSError, OSError):
            converted = None
        if converted is not None:
            image = converted
    return image.convert("RGB")


def _encode(image: Image.Image) -> Rendered:
    """Return a JPEG of the pixels alone: no Exif, no position, no comment."""
    bare = Image.frombytes("RGB", image.size, image.tobytes())
    data = b""
    for quality in _QUALITIES:
        out = BytesIO()
        bare.save(out, "JPEG", quality=quality, progressive=True, optimize=True)
        data = out.getvalue()
        if len(data) <= MOST_PICTURE_BYTES:
            break
    return Rendered(data, *bare.size)
