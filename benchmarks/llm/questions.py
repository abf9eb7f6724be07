"""What is asked in a measurement: questions of the evaluation set that the assistant needs its model for."""

from __future__ import annotations

import asyncio
import base64
import json
import sqlite3
import uuid
from io import BytesIO
from pathlib import Path

import aiohttp
from PIL import Image

from benchmarks.llm.load import Prompt, Question, words_of
from support import prompts
from tests.stack import Stack

_EVALUATED = Path(__file__).parents[2] / "evals" / "data" / "retrieval.tsv"
_KEPT_WITHIN_S = 5.0
_SHOP = prompts.Persona("云朵小铺")


async def for_the_model(stack: Stack, count: int) -> list[Question]:
    """So many questions with what the assistant sends for them; each is asked once, to warm up."""
    found: list[Question] = []
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=60)) as session:
        for line in _EVALUATED.read_text(encoding="utf-8").splitlines():
            if len(found) == count:
                return found
            text, _article, language = line.split("\t")
            message_id = uuid.uuid4().hex
            streamed = [
                event
                async for event in words_of(session, stack.gateway_url, text, language, message_id=message_id)
            ]
            if streamed:  # else it was answered without the model: vetted, or refused
                found.append(Question(text, language, await _sent(stack, message_id)))
    raise RuntimeError(f"only {len(found)} questions of the evaluation set need the model")


async def _sent(stack: Stack, message_id: str) -> Prompt:
    """What the model was sent for this message; it is kept after the customer has the answer."""
    query = (
        "select messages from model_texts join model_calls on model_calls.id = call_id where message_id = ?"
    )
    database = sqlite3.connect(stack.settings.var / "shop.db")
    try:
        async with asyncio.timeout(_KEPT_WITHIN_S):
            while not (row := database.execute(query, (message_id,)).fetchone()):
                await asyncio.sleep(0.05)
    finally:
        database.close()
    return list(json.loads(row[0]))


def about_pictures(stack: Stack, count: int) -> list[Question]:
    """Questions about photos of the demo shop, no two alike, so that no cache has seen them."""
    photos = sorted((stack.shop_folder / "faults").glob("*.jpg"))
    return [
        Question("这是什么？", "zh", _about(photos[number % len(photos)], number)) for number in range(count)
    ]


def _about(photo: Path, number: int) -> Prompt:
    with Image.open(photo) as opened:
        picture = opened.convert("RGB")
    picture.putpixel((0, 0), (number % 256, number // 256, 0))
    jpeg = BytesIO()
    picture.save(jpeg, "JPEG")
    url = f"data:image/jpeg;base64,{base64.b64encode(jpeg.getvalue()).decode()}"
    return prompts.build("picture", "zh", _SHOP, question="这是什么？哪里坏了？", pictures=[url])
