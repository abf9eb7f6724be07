"""Pictures in a request: data URLs only, of a kind, size and number that the engine can bear.

Links are refused, since the engine would fetch them from inside the shop's network. What a picture is, its
content decides, not its label; how many pixels it has, its header does: nothing is decompressed here.
"""

from __future__ import annotations

import binascii
from dataclasses import dataclass
from io import BytesIO
from typing import NoReturn

from PIL import Image

from llm_server.proxy.errors import bad_request
from llm_server.proxy.options import Limits

# Pillow could read dozens. Each is a parser that strangers' bytes would reach, in the engine too.
KINDS = ("JPEG", "PNG", "WEBP")
MOST_STRETCHED = 200  # Qwen's processor takes no longer side than so many times the other
_STEP = 1 << 18  # characters decoded in one go, so that other requests are served in between


@dataclass(frozen=True)
class Picture:
    """A picture as sent. `url` holds nothing that JSON would escape."""

    data: bytes
    url: str


def picture(url: object, number: int, limits: Limits) -> Picture:
    """The request's n-th picture from its data URL; Refused, naming it, when it will not do."""
    if not isinstance(url, str) or url[:5].lower() != "data:":
        _refuse(number, "image_link", "send the picture itself as a data URL; links are not fetched")
    label, _, text = url.partition(",")
    if not label.endswith(";base64"):
        _refuse(number, "image_malformed", "a data URL looks like data:image/jpeg;base64,...")
    if len(text) * 3 // 4 > limits.image + 2:
        _refuse(number, "image_too_large", f"more than {limits.image} bytes")
    try:
        data = _decoded(text)
    except ValueError:
        _refuse(number, "image_malformed", "its base64 cannot be read")
    kind = _checked_header(data, number, limits)
    return Picture(data, f"data:image/{kind.lower()};base64,{text}")


def _decoded(text: str) -> bytes:
    if text.find("=", 0, -2) >= 0:  # a step might begin just after it
        raise ValueError("padding before the end")
    steps = range(0, len(text), _STEP)
    return b"".join(binascii.a2b_base64(text[at : at + _STEP], strict_mode=True) for at in steps)


def _checked_header(data: bytes, number: int, limits: Limits) -> str:
    """What it is, by its content."""
    try:
        with Image.open(BytesIO(data), formats=KINDS) as image:
            kind, (width, height) = str(image.format), image.size
    except Image.DecompressionBombError:
        _refuse(number, "image_too_large", f"more than {limits.pixels} pixels")
    except (OSError, ValueError):
        _refuse(number, "image_unreadable", "neither JPEG nor PNG nor WebP")
    if width * height > limits.pixels:
        _refuse(number, "image_too_large", f"{width}x{height} is more than {limits.pixels} pixels")
    if max(width, height) > MOST_STRETCHED * min(width, height):
        _refuse(number, "image_unreadable", f"{width}x{height} is too long for its width")
    return kind


def _refuse(number: int, code: str, why: str) -> NoReturn:
    raise bad_request(code, f"image {number}: {why}")
