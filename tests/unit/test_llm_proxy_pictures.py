"""Which pictures reach the engine."""

from __future__ import annotations

import base64
import struct
import zlib
from typing import Any

import pytest

from llm_server.proxy.errors import Refused
from llm_server.proxy.options import Limits
from llm_server.proxy.pictures import picture
from tests.proxies import drawn

LIMITS = Limits(image=100_000, pixels=1_000_000)


def as_url(data: bytes, label: str = "data:image/jpeg;base64") -> str:
    return f"{label},{base64.b64encode(data).decode()}"


def refusal(url: Any, limits: Limits = LIMITS) -> Refused:
    with pytest.raises(Refused) as refused:
        picture(url, 2, limits)
    assert refused.value.status == 400
    assert refused.value.message.startswith("image 2: ")
    return refused.value


def png_of(width: int, height: int) -> bytes:
    """A file of a few bytes whose header claims this size."""
    head = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunk = struct.pack(">I", 13) + head + struct.pack(">I", zlib.crc32(head))
    data = b"IDAT" + zlib.compress(b"")
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk
        + struct.pack(">I", len(data) - 4)
        + data
        + struct.pack(">I", zlib.crc32(data))
    )


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_picture_is_what_its_content_says(kind: str) -> None:
    data = drawn(40, 30, kind)
    found = picture(as_url(data, "data:image/gif;base64"), 1, LIMITS)
    assert (found.data, found.url) == (data, as_url(data, f"data:image/{kind.lower()};base64"))


@pytest.mark.parametrize(
    "url",
    [
        *("http://169.254.169.254/latest", "https://example.com/x.jpg", "file:///etc/passwd", "//host/x", ""),
        *(None, 5, ["data:"], {"url": "data:"}),
    ],
)
def test_links_are_refused(url: Any) -> None:
    assert refusal(url).code == "image_link"


@pytest.mark.parametrize(
    "url",
    [
        *("data:", "data:image/png", "data:image/png,AAAA", "data:image/png;base32,AAAA"),
        *(
            "data:;base64,AAA",
            "data:;base64,AA==AA",
            "data:;base64,A A=",
            "data:;base64,AAAA\n",
            "data:;base64,图",
        ),
    ],
)
def test_what_is_no_base64_is_refused(url: str) -> None:
    assert refusal(url).code == "image_malformed"


def test_padding_is_noticed_wherever_it_stands() -> None:
    text = "A" * (262_144 - 2) + "==" + "AAAA"  # just where one step of decoding ends
    assert refusal(f"data:;base64,{text}", Limits()).code == "image_malformed"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"GIF89a",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"%!PS-Adobe",
        drawn(9, 9, "TIFF"),
        b"\xff\xd8\xff",
    ],
)
def test_what_is_no_picture_of_a_known_kind_is_refused(data: bytes) -> None:
    assert refusal(as_url(data)).code == "image_unreadable"


def test_a_picture_may_be_so_many_bytes() -> None:
    data = drawn(40, 30)
    assert picture(as_url(data), 1, Limits(image=len(data))).data == data
    assert refusal(as_url(data), Limits(image=len(data) - 4)).code == "image_too_large"


@pytest.mark.parametrize("size", [(1001, 1000), (20_000, 20_000), (100_000, 100_000)])
def test_pixels_are_counted_by_the_header(size: tuple[int, int]) -> None:
    assert refusal(as_url(png_of(*size))).code == "image_too_large"


@pytest.mark.parametrize("size", [(201, 1), (1, 2010)])
def test_a_strip_that_the_model_cannot_take_is_refused(size: tuple[int, int]) -> None:
    assert refusal(as_url(drawn(*size, "PNG"))).code == "image_unreadable"


def test_a_header_that_is_all_there_is_is_left_to_the_engine() -> None:
    # Nothing is decompressed here: whether the rest is whole, the engine sees.
    assert picture(as_url(drawn(400, 300)[:700]), 1, LIMITS).url.startswith("data:image/jpeg")
