"""What a picture's file says about where it comes from, read before all of that is stripped.

`metadata` gives, as far as the file has them: `camera`, `software`, `taken_at` (as the camera wrote it),
`has_gps` ("yes"; the place itself is never kept), `screenshot` ("yes") and `generator`, the mark of a program
that makes pictures by itself: the parameters that Stable Diffusion and ComfyUI write into PNG, the digital
source type of IPTC and C2PA ("trainedAlgorithmicMedia"), or a known name as the software.

All of it can be removed or forged, and chat apps remove it: what is there is a hint, what is not there means
nothing.
"""

from __future__ import annotations

import re
from contextlib import suppress

from PIL import ExifTags, Image

_CREATOR = re.compile(rb"CreatorTool(?:>|=['\"])\s*([^<'\"]{2,80})")
_SOURCE_TYPE = re.compile(rb"trainedAlgorithmicMedia", re.IGNORECASE)
_GENERATORS = re.compile(
    r"stable diffusion|comfyui|automatic1111|invokeai|novelai|midjourney|dall[·\-. ]?e\b|firefly|imagen\b|"
    r"gpt-?\d|flux\.?1|即梦|可灵|文心一格|通义万相",
    re.IGNORECASE,
)
# Names of PNG's text chunks that programs which make pictures put their settings into.
_SETTINGS = ("parameters", "prompt", "workflow", "sd-metadata", "invokeai_metadata", "dream")
_LONGEST = 100


def metadata(source: Image.Image, data: bytes) -> dict[str, str]:
    """Of the file `data`, which Pillow has opened as `source`; empty when nothing can be read."""
    # EXIF is written by all sorts of programs; whatever is wrong with it must not lose the picture.
    with suppress(Exception):
        exif = source.getexif()
        details = exif.get_ifd(ExifTags.IFD.Exif)
        base = ExifTags.Base
        software = str(exif.get(base.Software) or source.info.get("Software") or _creator(data))
        comment = str(details.get(base.UserComment) or "")
        found = {
            "camera": f"{exif.get(base.Make) or ''} {exif.get(base.Model) or ''}",
            "software": software,
            "taken_at": str(details.get(base.DateTimeOriginal) or exif.get(base.DateTime) or ""),
            "has_gps": "yes" if exif.get_ifd(ExifTags.IFD.GPSInfo) else "",
            "screenshot": "yes" if "screenshot" in f"{comment}{software}".lower() else "",
            "generator": _generator(source, software, data),
        }
        return {name: plain for name, text in found.items() if (plain := _plain(text))}
    return {}


def _creator(data: bytes) -> str:
    """The program that XMP names, where EXIF names none."""
    found = _CREATOR.search(data)
    return found[1].decode(errors="replace") if found else ""


def _generator(source: Image.Image, software: str, data: bytes) -> str:
    settings = next((name for name in _SETTINGS if name in source.info), "")
    if settings:
        return f"PNG {settings}"
    if _SOURCE_TYPE.search(data):
        return "trainedAlgorithmicMedia"
    named = _GENERATORS.search(software)
    return named[0] if named else ""


def _plain(text: str) -> str:
    return "".join(letter for letter in text if letter.isprintable()).strip()[:_LONGEST]
