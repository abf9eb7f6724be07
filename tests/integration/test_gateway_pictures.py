"""Pictures that customers upload, good and bad, through the whole running system."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from PIL import Image

from tests.doors import new_conversation
from tests.stack import Stack


@pytest.fixture
def client(stack: Stack) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=stack.gateway_url, timeout=60, trust_env=False) as opened:
        yield opened


def _upload(client: httpx.Client, data: bytes, conversation_id: str, name: str = "a.png") -> httpx.Response:
    files = {"file": (name, data)}
    return client.post("/api/chat/attachments", files=files, data={"conversation_id": conversation_id})


def _encoded(kind: str, size: tuple[int, int] = (400, 300), **options: object) -> bytes:
    written = io.BytesIO()
    Image.new("RGB", size, "#c9b79c").save(written, kind, **options)
    return written.getvalue()


def _bomb() -> bytes:
    """A PNG of a few bytes whose header promises 200 megapixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 20_000, 10_000, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b""))
        + chunk(b"IEND", b"")
    )


def test_a_screenshot_of_an_order_is_known_as_one(client: httpx.Client, stack: Stack) -> None:
    screenshot = min((stack.shop_folder / "screenshots").glob("*.png")).read_bytes()
    response = _upload(client, screenshot, new_conversation())
    assert response.status_code == 200, response.text
    assert response.json()["kind"] == "order"


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF"])
def test_a_picture_comes_back_as_a_jpeg_without_metadata(client: httpx.Client, kind: str) -> None:
    accepted = _upload(client, _encoded(kind), new_conversation()).json()
    assert (accepted["kind"], accepted["width"], accepted["height"]) == ("photo", 400, 300)
    picture = Image.open(io.BytesIO(client.get(accepted["url"]).content))
    assert (picture.format, picture.size, len(picture.getexif())) == ("JPEG", (400, 300), 0)


def test_an_iphones_heic_is_taken(client: httpx.Client) -> None:
    heic = Path(__file__).parents[1] / "unit" / "test_vision_sample.heic"
    assert _upload(client, heic.read_bytes(), new_conversation()).status_code == 200


def test_of_an_animation_the_first_frame_is_taken(client: httpx.Client) -> None:
    frames = [Image.new("RGB", (120, 90), colour) for colour in ("#aa0000", "#00aa00")]
    written = io.BytesIO()
    frames[0].save(written, "GIF", save_all=True, append_images=frames[1:])
    accepted = _upload(client, written.getvalue(), new_conversation()).json()
    back = client.get(accepted["url"])
    red, green, _ = Image.open(io.BytesIO(back.content)).resize((1, 1)).tobytes()
    assert red > green


@pytest.mark.parametrize(
    ("data", "status", "code", "words"),
    [
        (b"this is a text, whatever its name says", 415, "not_a_picture", "直接截图"),
        (b"", 422, "picture_empty", "空的"),
        (_encoded("JPEG")[:900], 422, "picture_broken", "已损坏"),
        (_bomb(), 413, "picture_too_many_pixels", "百万像素"),
        (b"\xff\xd8\xff" + b"\x00" * 10_000_001, 413, "picture_too_large", "超过 10 MB"),
        (b"\xff\xd8\xff" + b"\x00" * 60_000_000, 413, "picture_too_large", "超过 10 MB"),
    ],
    ids=["text named .png", "empty", "broken JPEG", "200 megapixels", "over 10 MB", "60 MB"],
)
def test_a_bad_upload_gets_a_clear_answer(
    client: httpx.Client, data: bytes, status: int, code: str, words: str
) -> None:
    response = _upload(client, data, new_conversation())
    assert (response.status_code, response.json()["error"]["code"]) == (status, code)
    assert words in response.json()["error"]["message_zh"]


def test_a_picture_of_another_conversation_cannot_be_sent(client: httpx.Client) -> None:
    accepted = _upload(client, _encoded("PNG"), new_conversation()).json()
    message = {"conversation_id": new_conversation(), "attachments": [accepted["id"]]}
    response = client.post("/api/chat/messages", json=message)
    assert (response.status_code, response.json()["error"]["code"]) == (404, "unknown_attachment")
    assert "重新添加" in response.json()["error"]["message_zh"]


def test_a_picture_without_words_is_answered(client: httpx.Client) -> None:
    conversation_id = new_conversation()
    accepted = _upload(client, _encoded("PNG"), conversation_id).json()
    message = {"conversation_id": conversation_id, "attachments": [accepted["id"]], "language": "zh"}
    answer = client.post("/api/chat/messages", json=message).json()
    assert answer["messages"]
    history = client.get(f"/api/chat/conversations/{conversation_id}/messages").json()
    (shown,) = history["entries"][0]["attachments"]
    assert shown["id"] == accepted["id"]
    assert client.get(shown["url"]).headers["content-type"] == "image/jpeg"
