"""Turns the bytes that a customer sent into a small, upright, anonymous JPEG.

The order of the steps is the contract:

1. size in bytes, then the kind of file by its first bytes (a file's name is never looked at);
2. the number of pixels from the header, before anything is decoded, so that a decompression bomb costs
   neither time nor memory;
3. the first frame is decoded, turned upright as its EXIF says, and put on white where it is transparent;
4. it is brightened if it is really dark (see `_brightened`);
5. the area is brought down to `max_area` and the picture is written as a JPEG without any metadata.

What the EXIF said is kept beside the picture, in words, without the place where it was taken.
"""

import io
import math
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

import numpy as np
import pi_heif
from PIL import ExifTags, Image

from support.vision import origin
from support.vision.errors import PictureError

MAX_BYTES = 10_000_000
MAX_SOURCE_PIXELS = 50_000_000
MAX_AREA = 1_048_576
"""One megapixel: what is stored and what a model is shown."""

WORKING_AREA = 10_000_000
"""Largest area kept after decoding. OCR reads a long screenshot from this, not from the stored picture."""

_MAX_SIDE = 8192  # a one-pixel-high strip of a megapixel would not fit into a JPEG (65,500)
_JPEG_QUALITY = 88
_HEIF_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


@dataclass(frozen=True)
class Picture:
    """A cleaned picture.

    `frames` counts the frames of the source (an animation has more than one; the first is kept).
    `metadata` is what the file said about its origin, as `support.vision.origin` lists it.
    """

    data: bytes
    media_type: str
    width: int
    height: int
    source_format: str
    frames: int
    metadata: dict[str, str]


@dataclass(frozen=True)
class Decoded:
    """Upright RGB pixels of at most `WORKING_AREA`, and what is known of their source."""

    image: Image.Image
    source_format: str
    frames: int
    metadata: dict[str, str]


def clean(
    data: bytes,
    *,
    max_bytes: int = MAX_BYTES,
    max_source_pixels: int = MAX_SOURCE_PIXELS,
    max_area: int = MAX_AREA,
) -> Picture:
    """The picture in `data`, ready to store; raises `PictureError`."""
    decoded = decode(data, max_bytes=max_bytes, max_source_pixels=max_source_pixels)
    image = shrunk(decoded.image, max_area)
    return encode(image, decoded)


def decode(data: bytes, *, max_bytes: int = MAX_BYTES, max_source_pixels: int = MAX_SOURCE_PIXELS) -> Decoded:
    """Steps 1 to 4: upright, opaque, bright enough. Raises `PictureError`."""
    if not data:
        raise PictureError("empty")
    if len(data) > max_bytes:
        raise PictureError("too_large", max_bytes)
    kind = _kind(data)
    if kind is None:
        raise PictureError("not_a_picture")
    with _faults_mean_broken(max_source_pixels):
        source = _opened(data, kind)
        if source.width * source.height > max_source_pixels:
            raise PictureError("too_many_pixels", max_source_pixels)
        frames, metadata = _frames(source, kind), origin.metadata(source, data)
        image = _brightened(_opaque(_upright(_pixels(source))))
    return Decoded(image, kind, frames, metadata)


def encode(image: Image.Image, decoded: Decoded) -> Picture:
    """Writes `image` as a JPEG; only pixels get into it."""
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=_JPEG_QUALITY, optimize=True)
    return Picture(
        data=buffer.getvalue(),
        media_type="image/jpeg",
        width=image.width,
        height=image.height,
        source_format=decoded.source_format,
        frames=decoded.frames,
        metadata=decoded.metadata,
    )


def shrunk(image: Image.Image, max_area: int) -> Image.Image:
    """`image` itself, or a smaller one of the same proportions with at most `max_area` pixels."""
    longest = max(image.size)
    scale = min(1.0, math.sqrt(max_area / (image.width * image.height)), _MAX_SIDE / longest)
    if scale == 1.0:
        return image
    size = max(1, int(image.width * scale)), max(1, int(image.height * scale))
    return image.resize(size, Image.Resampling.HAMMING)


def _kind(data: bytes) -> str | None:
    """JPEG, PNG, GIF, WEBP, BMP, AVIF or HEIF, by the first bytes."""
    if data.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if data[:6] in (b"GIF87a", b"GIF89a"):
        return "GIF"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WEBP"
    if data[:2] == b"BM" and data[6:10] == b"\0\0\0\0":
        return "BMP"
    if data[4:8] == b"ftyp" and data[8:12] in (b"avif", b"avis"):
        return "AVIF"
    if data[4:8] == b"ftyp" and data[8:12] in _HEIF_BRANDS:
        return "HEIF"
    return None


def _opened(data: bytes, kind: str) -> Image.Image:
    """The header only. Just the one decoder that `kind` names gets to see the bytes."""
    if kind == "HEIF":
        heif: Image.Image = pi_heif.HeifImageFile(io.BytesIO(data))
        return heif
    return Image.open(io.BytesIO(data), formats=[kind])


@contextmanager
def _faults_mean_broken(max_source_pixels: int) -> Iterator[None]:
    try:
        yield
    except PictureError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as fault:
        # Pillow has limits of its own, which it checks while it reads the header.
        raise PictureError("too_many_pixels", max_source_pixels) from fault
    except Exception as fault:
        # Decoders fail on damaged input in as many ways as there are formats (OSError, SyntaxError,
        # struct.error, EOFError, ...); to the customer all of them are one: the picture is damaged.
        raise PictureError("broken") from fault


def _frames(source: Image.Image, kind: str) -> int:
    # A phone's JPEG or HEIC may hold depth maps and thumbnails; these are no frames.
    return int(getattr(source, "n_frames", 1)) if kind in ("GIF", "WEBP", "PNG", "AVIF") else 1


def _pixels(source: Image.Image) -> Image.Image:
    """The first frame in RGB or RGBA, at most `WORKING_AREA`, and still as the camera was held."""
    orientation = _orientation(source)
    scale = min(1.0, math.sqrt(WORKING_AREA / (source.width * source.height)))
    # A JPEG can be decoded at 1/2, 1/4 or 1/8 of its size, which spares most of the work on a big photo.
    source.draft("RGB", (math.ceil(source.width * scale), math.ceil(source.height * scale)))
    source.load()
    has_alpha = source.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in source.info
    image = _eight_bits(source).convert("RGBA" if has_alpha else "RGB")
    image = shrunk(image, WORKING_AREA)
    image.info = {"orientation": orientation}
    return image


def _eight_bits(image: Image.Image) -> Image.Image:
    """Pillow cuts 16-bit grey off at 255 instead of scaling it."""
    if not image.mode.startswith("I"):
        return image
    return Image.fromarray((np.asarray(image, dtype=np.float64) / 257).clip(0, 255).astype(np.uint8))


def _upright(image: Image.Image) -> Image.Image:
    turn = _UPRIGHT.get(image.info["orientation"])
    return image if turn is None else image.transpose(turn)


def _opaque(image: Image.Image) -> Image.Image:
    if image.mode == "RGB":
        return image
    paper = Image.new("RGB", image.size, "white")
    paper.paste(image, mask=image.getchannel("A"))
    return paper


def _brightened(image: Image.Image) -> Image.Image:
    """Stretches the brightness of a picture that is dark all over; any other is returned as it is.

    Dark all over: the mean is below 40 of 255 and no more than one pixel in 200 reaches half (128). A
    screenshot in dark mode, a black shoe on a white table and a lamp at night all have more bright pixels
    than that, so they are left alone. The stretch takes the brightest two-hundredth to 235, and multiplies
    by 8 at most, because beyond that only the sensor's noise grows.
    """
    # Picked pixels, not averaged ones: averaging would dim the thin strokes of letters.
    sample = np.asarray(image.convert("L").resize((512, 512), Image.Resampling.NEAREST))
    highlight = float(np.percentile(sample, 99.5))
    if sample.mean() >= 40 or highlight >= 128:
        return image
    gain = min(8.0, 235 / max(highlight, 1.0))
    return image.point([min(255, round(level * gain)) for level in range(256)] * 3)


def _orientation(source: Image.Image) -> int:
    with suppress(Exception):  # as in `origin.metadata`
        return int(source.getexif().get(ExifTags.Base.Orientation, 1))
    return 1
