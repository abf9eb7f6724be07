"""Cleaning a picture: what is refused, and what the cleaned one is like."""

import io
import struct
import time
import zlib
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from support.vision import PictureError, clean


def encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def decoded(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


def scene(width: int = 400, height: int = 300) -> Image.Image:
    """A blue left and a yellow right half with a white disc, so that turning shows."""
    image = Image.new("RGB", (width, height), "#1450a0")
    draw = ImageDraw.Draw(image)
    draw.rectangle((width // 2, 0, width, height), fill="#f0c020")
    draw.ellipse((width // 8, height // 4, width // 3, height // 2), fill="white")
    return image


def near(image: Image.Image, place: tuple[int, int], wanted: tuple[int, int, int]) -> bool:
    seen = image.convert("RGB").crop((*place, place[0] + 1, place[1] + 1)).tobytes()
    return all(abs(a - b) < 24 for a, b in zip(seen, wanted, strict=True))


BLUE, YELLOW, WHITE = (20, 80, 160), (240, 192, 32), (255, 255, 255)


def png_of_nothing(width: int, height: int) -> bytes:
    """A valid one-bit PNG of any size that weighs a thousandth of a byte per pixel."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    rows = zlib.compress(bytes((width + 7) // 8 + 1) * height)
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def jpeg_that_claims(width: int, height: int) -> bytes:
    data = bytearray(encoded(scene(), "JPEG"))
    frame = data.index(b"\xff\xc0")
    data[frame + 5 : frame + 9] = struct.pack(">HH", height, width)
    return bytes(data)


def fault_of(data: bytes, **limits: int) -> tuple[str, int | None]:
    with pytest.raises(PictureError) as caught:
        clean(data, **limits)
    return caught.value.code, caught.value.limit


def test_no_bytes_are_empty() -> None:
    assert fault_of(b"") == ("empty", None)


def test_more_than_ten_megabytes_are_too_large_whatever_they_are() -> None:
    assert fault_of(bytes(10_000_001)) == ("too_large", 10_000_000)


@pytest.mark.parametrize(
    "data",
    [
        b"order 6203847501926 is missing",
        "这是一个改名为 photo.png 的文本文件".encode(),
        b"%PDF-1.7 ...",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"PK\x03\x04" + bytes(50),
        b"\x00",
    ],
)
def test_the_bytes_decide_what_is_a_picture(data: bytes) -> None:
    assert fault_of(data) == ("not_a_picture", None)


@pytest.mark.parametrize("bomb", [png_of_nothing(20_000, 10_000), jpeg_that_claims(20_000, 10_000)])
def test_two_hundred_megapixels_are_refused_before_they_are_decoded(bomb: bytes) -> None:
    started = time.process_time()
    assert fault_of(bomb) == ("too_many_pixels", 50_000_000)
    assert time.process_time() - started < 0.2, "decoding it takes longer than this"


def test_the_limit_on_pixels_is_ours_and_not_only_pillows() -> None:
    assert fault_of(png_of_nothing(10_000, 6_000)) == ("too_many_pixels", 50_000_000)
    assert fault_of(encoded(scene(), "PNG"), max_source_pixels=100_000) == ("too_many_pixels", 100_000)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP", "AVIF", "BMP"])
def test_half_a_picture_is_broken(kind: str) -> None:
    data = encoded(scene(), kind)
    assert fault_of(data[: len(data) // 2]) == ("broken", None)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP", "AVIF", "BMP"])
def test_no_damage_gets_past_as_another_error(kind: str) -> None:
    """Each cut and each flipped byte gives a picture or a PictureError."""
    data = encoded(scene(60, 40), kind)
    for place in range(12, len(data), max(1, len(data) // 40)):
        for damaged in (data[:place], data[:place] + bytes([data[place] ^ 0xFF]) + data[place + 1 :]):
            try:
                clean(damaged)
            except PictureError as fault:
                assert fault.code in ("broken", "too_many_pixels", "not_a_picture")


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP", "AVIF", "BMP"])
def test_every_kind_becomes_a_jpeg(kind: str) -> None:
    picture = clean(encoded(scene(), kind))
    image = decoded(picture.data)
    assert (picture.source_format, picture.media_type, image.format) == (kind, "image/jpeg", "JPEG")
    assert (picture.width, picture.height, picture.frames) == (400, 300, 1)
    assert near(image, (20, 20), BLUE) and near(image, (380, 20), YELLOW)


def test_a_phones_heic_is_read() -> None:
    picture = clean((Path(__file__).parent / "test_vision_sample.heic").read_bytes())
    assert (picture.source_format, picture.width, picture.height) == ("HEIF", 96, 64)
    image = decoded(picture.data)
    assert near(image, (10, 32), (224, 160, 32)) and near(image, (85, 32), (32, 96, 192))


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
def test_an_animation_keeps_its_first_frame_and_tells_how_many_there_were(kind: str) -> None:
    others = [Image.new("RGB", (400, 300), colour) for colour in ("red", "green")]
    data = encoded(scene(), kind, save_all=True, append_images=others, duration=100)
    picture = clean(data)
    assert picture.frames == 3
    assert near(decoded(picture.data), (380, 20), YELLOW)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_picture_stands_upright_however_the_camera_was_held(orientation: int) -> None:
    undo = {
        2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM, 5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90, 7: Image.Transpose.TRANSVERSE, 8: Image.Transpose.ROTATE_270,
    }  # fmt: skip
    stored = scene().transpose(undo[orientation]) if orientation > 1 else scene()
    exif = Image.Exif()
    exif[0x0112] = orientation
    picture = clean(encoded(stored, "JPEG", exif=exif))
    image = decoded(picture.data)
    assert (picture.width, picture.height) == (400, 300)
    assert near(image, (90, 110), WHITE) and near(image, (390, 290), YELLOW)


def test_metadata_is_kept_in_words_and_leaves_the_picture() -> None:
    exif = Image.Exif()
    exif[0x010F], exif[0x0110], exif[0x0131] = "Lantern", "L-7", "Touch-up 3\x07"
    exif.get_ifd(0x8769)[0x9003] = "2026:05:19 14:32:10"
    exif.get_ifd(0x8825)[1] = "N"
    picture = clean(encoded(scene(), "JPEG", exif=exif, comment=b"my home"))
    assert picture.metadata == {
        "camera": "Lantern L-7",
        "software": "Touch-up 3",
        "taken_at": "2026:05:19 14:32:10",
        "has_gps": "yes",
    }
    cleaned = decoded(picture.data)
    assert not cleaned.getexif() and "comment" not in cleaned.info
    assert b"Lantern" not in picture.data and b"my home" not in picture.data


@pytest.mark.filterwarnings("ignore:Corrupt EXIF data")
def test_broken_metadata_does_not_lose_the_picture() -> None:
    picture = clean(encoded(scene(), "JPEG", exif=b"Exif\0\0MM\0*\0\0\0\x08\xff\xff" + b"\xff" * 40))
    assert (picture.width, picture.metadata) == (400, {})


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_what_is_transparent_becomes_white(mode: str) -> None:
    glass = Image.new("RGBA", (40, 40), (0, 0, 0, 0))
    glass = glass.quantize(4) if mode == "P" else glass.convert(mode)
    assert near(decoded(clean(encoded(glass, "PNG")).data), (20, 20), WHITE)


def test_sixteen_bit_grey_keeps_its_shades() -> None:
    grey = Image.new("I;16", (40, 40), 128 * 257)
    assert near(decoded(clean(encoded(grey, "PNG")).data), (20, 20), (128, 128, 128))


def test_a_really_dark_photo_is_brightened() -> None:
    dark = scene().point(lambda level: level // 7)
    image = decoded(clean(encoded(dark, "PNG")).data)
    assert near(image, (90, 110), (235, 235, 235))


def test_a_dark_screen_with_bright_letters_stays_dark() -> None:
    screen = Image.new("RGB", (400, 800), "#101012")
    for top in range(60, 360, 60):
        ImageDraw.Draw(screen).text((40, top), "Order 6203847501926  Total", fill="#e8e8e8", font_size=20)
    image = decoded(clean(encoded(screen, "PNG")).data)
    assert near(image, (200, 700), (16, 16, 18))


@pytest.mark.parametrize("size", [(4000, 3000), (1080, 9000), (3000, 3), (1, 20_000), (1_000_000, 1)])
def test_the_area_is_at_most_a_megapixel_in_the_same_proportions(size: tuple[int, int]) -> None:
    picture = clean(encoded(Image.new("RGB", size, "gray"), "PNG"))
    assert 0 < picture.width * picture.height <= 1_048_576
    if min(size) > 100:
        assert picture.width / picture.height == pytest.approx(size[0] / size[1], rel=0.01)


def test_a_small_picture_keeps_its_size() -> None:
    picture = clean(encoded(scene(37, 21), "PNG"))
    assert (picture.width, picture.height) == (37, 21)
