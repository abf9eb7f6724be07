"""Whether it lives, whether customers can be answered, and what Prometheus reads."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Mapping
from typing import Any, Literal, get_args

import httpx
from fastapi import APIRouter
from fastapi.responses import JSONResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST
from pydantic import BaseModel

from gateway import auth
from gateway.door import Address, Door, TheDoor
from gateway.errors import Refusal
from gateway.meters import joined
from support.services import identity, projection
from support.streaming import answers

router = APIRouter(tags=["health"])

PartState = Literal["ok", "degraded", "down", "off"]
_PROBE_S = 2.0


Step = Literal["model", "documents", "flows", "queue", "none"]


class Ready(BaseModel):
    """`status` is ok, degraded (customers are answered, but not as well as they could be) or down.

    `ladder` is the best that a customer can get now: answers in the model's words, the documents' own words,
    flows and records alone, a place in the queue for a person, or the request to come again.
    """

    status: Literal["ok", "degraded", "down"]
    ladder: Step
    parts: dict[str, PartState]


@router.get("/healthz")
async def alive() -> dict[str, str]:
    """The process answers."""
    return {"status": "ok"}


@router.get("/readyz", response_model=Ready, responses={503: {"model": Ready}})
async def ready(door: TheDoor) -> JSONResponse:
    """200 when a customer can be answered.

    That takes the records, and Rasa with its actions to have been there once: a front door that is taken out
    of service because Rasa is away could not even put its customers into the queue.
    """
    parts = await _parts(door)
    ladder = await _ladder(door, parts)
    answering = parts["rasa"] == parts["actions"] == "ok"
    if answering:
        door.has_answered.set()
    if parts["database"] != "ok" or not door.has_answered.is_set():
        return JSONResponse({"status": "down", "ladder": ladder, "parts": parts}, 503)
    whole = all(state in ("ok", "off") for state in parts.values())
    return JSONResponse({"status": "ok" if whole else "degraded", "ladder": ladder, "parts": parts})


async def _parts(door: Door) -> dict[str, PartState]:
    """All at once, and none for longer than `_PROBE_S`."""
    probes: dict[str, Coroutine[Any, Any, bool | PartState]] = {
        "database": door.shop.store.ping(),
        "rasa": door.rasa.ping(),
        "actions": _actions(door),
        "model": _model(door),
        "events": _events(door),
        "redis": _redis(door),
        "attachments": asyncio.to_thread(door.shop.pictures.health),
    }
    states = await asyncio.gather(*(_within_time(door, probe) for probe in probes.values()))
    return dict(zip(probes, states, strict=True))


async def _within_time(door: Door, probe: Coroutine[Any, Any, bool | PartState]) -> PartState:
    """A probe that takes longer ends by itself: what is cut off in a database leaves a connection behind."""
    task = door.turns.later(probe)
    if not (await asyncio.wait([task], timeout=_PROBE_S))[0]:
        return "down"
    found = task.result()
    return found if isinstance(found, str) else "ok" if found else "down"


async def _ladder(door: Door, parts: Mapping[str, PartState]) -> Step:
    if parts["database"] != "ok":
        return "none"
    if not parts["rasa"] == parts["actions"] == "ok":
        return "queue"
    if parts["model"] in ("ok", "degraded"):
        return "model"
    return "documents" if await door.shop.knowledge.current_passages() else "flows"


async def _redis(door: Door) -> bool | PartState:
    url = door.shop.settings.redis_url
    return await answers(url) if url else "off"


async def _actions(door: Door) -> bool:
    return await _of_actions(door, "/health") is not None


async def _of_actions(door: Door, path: str) -> str | None:
    """What the action server answers; None when it does not."""
    url = f"http://127.0.0.1:{door.shop.settings.actions_port}{path}"
    try:
        async with httpx.AsyncClient(timeout=_PROBE_S, trust_env=False) as client:
            return (await client.get(url)).raise_for_status().text
    except httpx.HTTPError:
        return None


async def _model(door: Door) -> PartState:
    return await door.shop.llm.health() if door.shop.llm else "off"


async def _events(door: Door) -> PartState:
    """Whether review keeps up with the conversations; customers notice nothing when it does not."""
    try:
        async with door.shop.store.reading() as unit:
            projected = await unit.event_queue.pulse() is not None
            behind = await projection.behind(unit, door.shop.clock())
    except Exception:
        # Whatever the database's driver raises: `database` says it.
        return "degraded"
    if behind:
        return "degraded"
    return "ok" if projected else "off"


@router.get("/metrics", response_class=Response, responses={200: {"content": {"text/plain": {}}}})
async def metrics(door: TheDoor, address: Address, token: auth.StaffToken) -> Response:
    """Prometheus's format; for this machine, and elsewhere with the staff token.

    The figures of the model are those of the action server too, while that can be reached. Without the
    database there are none: what is read from it would be missing, and its last values would look like news.
    """
    if not (auth.is_loopback(address) or auth.is_staff(door, token)):
        raise Refusal("not_staff")
    async with door.shop.store.reading() as unit:
        for status in ("waiting", "taken"):
            door.meters.handovers.labels(status).set(len(await unit.handovers.listed(status)))
        tries = await unit.identities.all_tries(door.shop.clock() - identity.TRIES_COUNT_FOR)
        door.meters.identity_tries.set(tries)
        door.meters.events.set(await unit.event_queue.depth())
        since = await unit.event_queue.waiting_since()
        door.meters.events_late.set((door.shop.clock() - since).total_seconds() if since else 0)
    ladder = await _ladder(door, await _parts(door))
    for step in get_args(Step):
        door.meters.ladder.labels(step).set(step == ladder)
    door.meters.listeners.set(len(door.news))
    model = {"gateway": door.shop.model_meters.text(), "actions": await _of_actions(door, "/metrics") or ""}
    return Response(door.meters.text() + joined(model), media_type=CONTENT_TYPE_LATEST)
