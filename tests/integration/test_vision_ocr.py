"""Pictures through the real OCR engine in real worker processes: `examine` and `OcrPool`."""

import asyncio
import io
import multiprocessing
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Sequence
from datetime import date
from pathlib import Path

import pytest
import pytest_asyncio
from PIL import Image, ImageDraw, ImageFont

from support.vision import OcrError, OcrPool, PictureError, examine

pytestmark = pytest.mark.asyncio(loop_scope="module")

ROOT = Path(__file__).parents[2]
FONT = ROOT / "demo" / "assets" / "NotoSansSC-Regular-subset.otf"

Words = tuple[int, int, str]

CHINESE_ORDER: list[Words] = [
    (60, 120, "等待卖家发货"), (60, 240, "张小姐 138 1234 5678"), (60, 320, "浙江省杭州市西湖区文三路88号"),
    (60, 480, "白色连衣裙 M"), (860, 480, "¥199.00"), (60, 640, "商品总价"), (860, 640, "¥199.00"),
    (60, 720, "优惠"), (860, 720, "-¥10.00"), (60, 800, "实付款"), (860, 800, "¥189.00"),
    (60, 960, "订单编号"), (400, 960, "6203847501926"), (60, 1040, "创建时间"),
    (400, 1040, "2026-05-19 14:32:10"), (60, 1120, "快递单号"), (400, 1120, "SF1234567890123"),
]  # fmt: skip
ENGLISH_ORDER: list[Words] = [
    (60, 120, "Order details"), (60, 220, "Shipped"), (60, 340, "Order number"), (60, 390, "2024051700321"),
    (560, 340, "Order placed"), (560, 390, "May 19, 2026"), (60, 560, "Linen dress, white, M"),
    (860, 560, "$59.00"), (60, 760, "Subtotal"), (860, 760, "$59.00"), (60, 840, "Order total"),
    (860, 840, "$64.00"), (60, 960, "Tracking number: 1Z999AA10123456784"),
]  # fmt: skip


def rendered(
    words: Sequence[Words], size: tuple[int, int] = (1080, 1920), paper: str = "white", ink: str = "#222"
) -> bytes:
    image = Image.new("RGB", size, paper)
    draw, font = ImageDraw.Draw(image), ImageFont.truetype(FONT, 36)
    for left, top, text in words:
        draw.text((left, top), text, font=font, fill=ink)
    return png(image)


def png(image: Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


def contrast(data: bytes, box: tuple[int, int, int, int]) -> int:
    part = Image.open(io.BytesIO(data)).convert("L").crop(box)
    shades = [level for level, pixels in enumerate(part.histogram()) if pixels]
    return shades[-1] - shades[0]


def children() -> set[int]:
    return {child.pid for child in multiprocessing.active_children() if child.pid}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def pool() -> AsyncIterator[OcrPool]:
    pool = OcrPool(workers=1)
    await pool.start()
    yield pool
    await pool.close()


async def test_a_chinese_screenshot_is_read_and_its_phone_number_is_covered(pool: OcrPool) -> None:
    reading = await examine(rendered(CHINESE_ORDER), pool)
    assert (reading.kind, reading.masked) == ("order", ("phone", "name", "address"))
    claim = reading.claim
    assert claim is not None
    assert claim.order_numbers == ("6203847501926",)
    assert (claim.total_minor, claim.currency, claim.amounts_minor) == (18900, "CNY", (19900, -1000, 18900))
    assert claim.dates == (date(2026, 5, 19),)
    assert (claim.states, claim.status_text) == (("paid",), "等待卖家发货")
    assert claim.tracking_numbers == ("SF1234567890123",)
    phone, number = (
        next(line for line in reading.lines if mark in line.text) for mark in ("***", "62038475")
    )
    assert not any(letter.isdigit() for letter in phone.text)
    assert contrast(reading.picture.data, phone.box) < 60 < 150 < contrast(reading.picture.data, number.box)


async def test_an_english_screenshot_is_read(pool: OcrPool) -> None:
    claim = (await examine(rendered(ENGLISH_ORDER), pool)).claim
    assert claim is not None
    assert (claim.order_numbers, claim.total_minor, claim.currency) == (("2024051700321",), 6400, "USD")
    assert (claim.states, claim.tracking_numbers) == (("shipped",), ("1Z999AA10123456784",))


async def test_a_dark_mode_screenshot_is_read(pool: OcrPool) -> None:
    claim = (await examine(rendered(CHINESE_ORDER, paper="#111214", ink="#e6e6e6"), pool)).claim
    assert claim is not None and (claim.order_numbers, claim.total_minor) == (("6203847501926",), 18900)


@pytest.mark.parametrize("tilt", [-3, 4])
async def test_a_photo_of_a_screen_is_turned_level(pool: OcrPool, tilt: int) -> None:
    screen = Image.open(io.BytesIO(rendered(ENGLISH_ORDER)))
    reading = await examine(png(screen.rotate(tilt, expand=True, fillcolor="#555")), pool)
    assert reading.claim is not None
    assert (reading.claim.order_numbers, reading.claim.total_minor) == (("2024051700321",), 6400)


async def test_a_long_chat_is_read_to_its_end_though_the_stored_picture_is_small(pool: OcrPool) -> None:
    chat: list[Words] = [(60, top, f"第{top // 150}句：好的") for top in range(60, 8800, 150)]
    reading = await examine(rendered([*chat, (60, 8860, "订单号 6203847501926")], (1080, 9000)), pool)
    assert reading.claim is not None and reading.claim.order_numbers == ("6203847501926",)
    assert reading.picture.width * reading.picture.height <= 1_048_576
    assert len(reading.lines) == len(chat) + 1, "each line once, also where tiles meet"


async def test_a_covered_number_cannot_be_read_again(pool: OcrPool) -> None:
    card = rendered(
        [
            (80, 120, "姓名 张三"),
            (80, 260, "有效期限 长期"),
            (80, 400, "公民身份号码 11010519491231002X"),
            (80, 520, "6222021001116245702"),
        ],
        (1000, 630),
    )
    reading = await examine(card, pool)
    assert reading.masked == ("id_card", "bank_card", "name")
    again = await examine(reading.picture.data, pool)
    assert not any(letter.isdigit() for line in again.lines for letter in line.text)
    assert not any("张三" in line.text for line in again.lines)
    assert [line.text for line in again.lines] == ["有效期限 长期"]


async def test_a_photo_without_words_is_a_photo(pool: OcrPool) -> None:
    image = Image.new("RGB", (900, 700), "#d8d0c0")
    ImageDraw.Draw(image).ellipse((250, 150, 650, 550), fill="#703028")
    reading = await examine(png(image), pool)
    assert (reading.kind, reading.claim, reading.lines, reading.masked) == ("photo", None, (), ())


async def test_other_words_are_text(pool: OcrPool) -> None:
    reading = await examine(rendered([(60, 60, "尺码表"), (60, 160, "胸围 88 厘米，腰围 70 厘米")]), pool)
    assert (reading.kind, reading.claim) == ("text", None)


async def test_odd_shapes_do_no_harm(pool: OcrPool) -> None:
    for size in [(1, 1), (3000, 2), (2, 3000), (20, 20)]:
        assert (await examine(png(Image.new("RGB", size, "white")), pool)).kind == "photo"


async def test_what_is_wrong_with_a_picture_comes_back_from_the_worker(pool: OcrPool) -> None:
    with pytest.raises(PictureError) as caught:
        await examine(bytes(10_000_001), pool)
    assert (caught.value.code, caught.value.limit) == ("too_large", 10_000_000)


async def test_a_worker_that_died_is_replaced(pool: OcrPool) -> None:
    before = children()
    for pid in before:
        os.kill(pid, signal.SIGKILL)
    assert (await examine(rendered(ENGLISH_ORDER), pool)).kind == "order"
    assert children() and not children() & before


async def test_a_picture_that_kills_every_worker_is_broken() -> None:
    pool = OcrPool(workers=1)
    reading = asyncio.create_task(examine(rendered(ENGLISH_ORDER), pool))
    others, killed = children(), set[int]()
    while not reading.done():
        for pid in children() - others - killed:
            os.kill(pid, signal.SIGKILL)
            killed.add(pid)
        await asyncio.sleep(0.01)
    with pytest.raises(PictureError) as caught:
        await reading
    await pool.close()
    assert (caught.value.code, len(killed)) == ("broken", 2)


async def test_a_full_line_is_told_at_once_and_a_closed_pool_too() -> None:
    pool = OcrPool(workers=1, max_waiting=1)
    waiting = [asyncio.create_task(examine(rendered(ENGLISH_ORDER), pool)) for _ in range(2)]
    await asyncio.sleep(0)
    with pytest.raises(OcrError, match="busy"):
        await examine(b"", pool)
    assert [reading.kind for reading in await asyncio.gather(*waiting)] == ["order", "order"]
    await pool.close()
    with pytest.raises(OcrError, match="closed"):
        await examine(b"", pool)


async def test_a_slow_picture_is_given_up_and_its_worker_is_ended() -> None:
    others = children()
    pool = OcrPool(workers=1, time_limit=0.2)
    with pytest.raises(OcrError, match="timeout"):
        await examine(rendered(ENGLISH_ORDER), pool)
    await pool.close()
    async with asyncio.timeout(30):
        while children() - others:
            await asyncio.sleep(0.05)


async def test_an_idle_process_ends_and_the_next_picture_starts_another() -> None:
    others = children()
    pool = OcrPool(workers=1, idle_s=0.1)
    await pool.start()
    async with asyncio.timeout(30):
        while children() - others:
            await asyncio.sleep(0.05)
    assert (await examine(rendered(ENGLISH_ORDER), pool)).kind == "order"
    await pool.close()


async def test_a_screenshot_that_lies_on_its_side_or_its_head_is_read(pool: OcrPool) -> None:
    upright = Image.open(io.BytesIO(rendered(ENGLISH_ORDER)))
    for turned in (Image.Transpose.ROTATE_90, Image.Transpose.ROTATE_270, Image.Transpose.ROTATE_180):
        lines = (await examine(png(upright.transpose(turned)), pool)).lines
        assert any("2024051700321" in line.text for line in lines), turned


@pytest.mark.parametrize(
    "turned", [Image.Transpose.ROTATE_90, Image.Transpose.ROTATE_270, Image.Transpose.ROTATE_180]
)
async def test_a_phone_number_that_runs_another_way_than_the_rest_is_covered(
    pool: OcrPool, turned: Image.Transpose
) -> None:
    page = Image.open(io.BytesIO(rendered(ENGLISH_ORDER)))
    number = Image.open(io.BytesIO(rendered([(10, 10, "13812345678")], size=(320, 70)))).transpose(turned)
    page.paste(number, (620, 1200))
    reading = await examine(png(page), pool)
    assert reading.masked == ("phone",), reading.lines
    assert not any("13812345678" in line.text for line in reading.lines)


async def test_no_model_is_fetched() -> None:
    """Reading must work where every attempt to reach the network fails, so from the wheel's own models."""
    program = """
import sys
def no_network(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo"):
        raise RuntimeError(f"{event} {arguments}")
sys.addaudithook(no_network)
from PIL import Image, ImageDraw
from support.vision.ocr import Reader
image = Image.new("RGB", (400, 120), "white")
ImageDraw.Draw(image).text((30, 30), "Order 1001", fill="black", font_size=48)
print(*(line.text for line in Reader().lines(image)[0]))
"""
    done = await asyncio.to_thread(
        subprocess.run, [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True
    )
    assert "1001" in done.stdout, done.stderr


async def test_importing_the_package_loads_no_engine() -> None:
    program = "import sys, support.vision; print({'rapidocr', 'onnxruntime', 'cv2'} & set(sys.modules))"
    done = await asyncio.to_thread(
        subprocess.run, [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True
    )
    assert done.stdout.strip() == "set()", done.stderr
