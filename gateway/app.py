"""The FastAPI application of the front door.

    app = create_app(Settings())          # opens nothing yet: its lifespan does

Everything a customer's browser loads comes from here; the content security policy allows nothing else.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.responses import FileResponse
from fastapi.staticfiles import StaticFiles

from desk import app as desk
from gateway import attachments, chat, errors, events, guests, health, history, reading, speech, staff, upkeep
from gateway.door import Door
from gateway.headers import CrossOrigin, SecurityHeaders
from gateway.keeper import Keeper
from gateway.limits import BodyLimit, Limits, Upload
from gateway.meters import Meters
from gateway.news import News
from gateway.persons import Persons
from gateway.rasa import Rasa
from gateway.schemas import Problem
from gateway.streams import Streams
from gateway.turns import Turns
from support.bootstrap import Shop, open_shop
from support.picture_links import PictureLinks
from support.settings import Settings
from support.speech import LARGEST_BYTES
from support.training import open_training
from support.vision import OcrPool

log = logging.getLogger(__name__)

_STATIC = Path(__file__).parent / "static"
_ABOUT = """The front door of Shopclerk. Errors are `{"error": {"code", "message", "message_zh"}}`.

A conversation is private by its id alone: make it a fresh UUID and keep it on the customer's device."""


def create_app(settings: Settings, *, warm_up: bool = False) -> FastAPI:
    """Routes, limits and error words; database, Rasa's client and OCR workers are opened by the lifespan.

    `warm_up` loads the OCR models at the start, so that the first picture need not wait for them.
    """
    app = FastAPI(
        title="Shopclerk",
        description=_ABOUT,
        lifespan=_lifespan,
        docs_url=None,  # its page loads scripts from a CDN; ours is /docs below
        redoc_url=None,
        responses={"4XX": {"model": Problem}, "503": {"model": Problem}},
    )
    app.state.settings, app.state.warm_up = settings, warm_up
    errors.install(app)
    app.add_middleware(
        BodyLimit,
        message_characters=settings.message_characters,
        uploads={
            attachments.UPLOAD_PATH: Upload(settings.attachment_bytes, "picture_too_large"),
            speech.UPLOAD_PATH: Upload(LARGEST_BYTES, "speech_too_large"),
        },
    )
    if settings.allowed_origins:
        app.add_middleware(CrossOrigin, origins=settings.allowed_origins)
    app.add_middleware(
        SecurityHeaders, microphone=bool(settings.speech_url), origins=settings.allowed_origins
    )
    for part in (chat, history, events, reading, attachments, speech, staff, health, guests):
        app.include_router(part.router)
    desk.install(app)
    app.mount("/static", _Static(directory=_STATIC), name="static")
    app.add_api_route("/", _page("index.html"), include_in_schema=False)
    app.add_api_route("/docs", _page("docs.html"), include_in_schema=False)
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    settings: Settings = app.state.settings
    door = _open(open_shop(settings))
    app.state.door = door
    await desk.open_doors(door)
    loops = (
        door.news.run(),
        door.streams.listen(),
        door.keeper.run(),
        door.turns.take_up(),
        upkeep.run(door.shop),
    )
    background = [asyncio.create_task(loop) for loop in loops]
    if app.state.warm_up:
        background += [asyncio.create_task(door.ocr.start()), asyncio.create_task(_open_documents(door.shop))]
    try:
        yield
    finally:
        await door.turns.finish()
        for task in background:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        await door.turns.finish()  # what those have begun meanwhile
        await door.training.close()
        await door.ocr.close()
        await door.rasa.close()
        await door.shop.close()


async def _open_documents(shop: Shop) -> None:
    """Who opens a source must not wait for the libraries that read it (`support.lazy`)."""
    try:
        await shop.knowledge.article("", "")
    except Exception:
        # Whatever the index raises: the door is open all the same.
        log.exception("the documents cannot be opened")


def _open(shop: Shop) -> Door:
    settings = shop.settings
    rasa = Rasa(settings.rasa_url, settings.channel_secret.get_secret_value())
    meters, news = Meters(), News(shop.store)
    turns = Turns(shop, rasa, meters, news)
    return Door(
        shop=shop,
        rasa=rasa,
        turns=turns,
        persons=Persons(shop, rasa, turns, news),
        keeper=Keeper(shop, turns, news),
        news=news,
        streams=Streams(news, shop.side_channel, settings.redis_url),
        limits=Limits(settings),
        ocr=OcrPool(settings.ocr_workers),
        meters=meters,
        training=open_training(settings, shop.store, shop.clock, rasa),
        links=PictureLinks(settings.channel_secret.get_secret_value(), shop.clock),
    )


def _page(name: str) -> Any:
    async def page() -> FileResponse:
        return FileResponse(_STATIC / name, headers={"Cache-Control": "no-cache"})

    return page


class _Static(StaticFiles):
    """Files that a browser asks about each time, so that an update shows at once (at the cost of a 304)."""

    def file_response(self, *args: Any, **kwargs: Any) -> Any:
        response = super().file_response(*args, **kwargs)
        response.headers["Cache-Control"] = "no-cache"
        return response
