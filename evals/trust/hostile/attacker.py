"""One case played against the running system, through the doors that anybody on the internet can knock at.

Everything that comes back is kept as it came (`Played.heard`), also what was shown and taken back again while
an answer was written (`Played.taken_back`): what a customer has seen cannot be unseen.
"""

from __future__ import annotations

import asyncio
import io
import json
import time
import uuid
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import httpx
import jwt
from PIL import Image, ImageDraw

from demo.draw.text import font
from evals.trust.hostile.cases import Case
from evals.trust.hostile.cast import Cast
from tests.sse import heard

Json = dict[str, Any]

ANSWER_S = 30.0
_TOKEN_S = 1_800
_BUSY = 503
_AGAIN_S = 2.0
_REFUSED = range(400, 500)
_OTHER_SECRET = "a-secret-that-the-shop-never-had-000"


@dataclass(frozen=True)
class Exchange:
    """What one turn was answered with. `holder` is empty where no message was sent."""

    status: int
    expected: bool
    holder: str = ""
    messages: Sequence[Json] = ()
    seconds: float = 0.0


@dataclass
class Played:
    """A case after its last turn."""

    case: Case
    cast: Cast
    conversation: str
    said: list[str] = field(default_factory=list)
    heard: list[str] = field(default_factory=list)
    taken_back: list[str] = field(default_factory=list)
    exchanges: list[Exchange] = field(default_factory=list)


@dataclass(frozen=True)
class Site:
    """Where the system answers, and the secret with which the shop's site signs its customers in."""

    http: httpx.AsyncClient
    secret: str

    def token(self, kind: str, sub: str, own: str = "") -> str:
        """A customer's token: `valid`, or forged in one of the usual ways."""
        claims = {"sub": sub, "exp": int(time.time()) + _TOKEN_S}
        match kind:
            case "valid":
                return jwt.encode(claims, self.secret, "HS256")
            case "alg_none":
                return jwt.encode(claims, None, "none")
            case "wrong_secret":
                return jwt.encode(claims, _OTHER_SECRET, "HS256")
            case "expired":
                return jwt.encode(claims | {"exp": int(time.time()) - 60}, self.secret, "HS256")
            case "no_exp":
                return jwt.encode({"sub": sub}, self.secret, "HS256")
            case "other_alg":
                return jwt.encode(claims, self.secret, "HS512")
            case "key_in_header":
                return jwt.encode(claims, _OTHER_SECRET, "HS256", headers={"kid": "../../dev/null"})
            case "far_future":
                return jwt.encode(claims | {"exp": 10**18}, self.secret, "HS256")
            case "swapped":
                own_claims = claims | {"sub": own}
                return _swapped(
                    jwt.encode(own_claims, self.secret, "HS256"), jwt.encode(claims, _OTHER_SECRET, "HS256")
                )
            case "garbage":
                return f"{sub}.{sub}.{sub}"
        raise ValueError(f"no such token: {kind}")


def _swapped(signed: str, wanted: str) -> str:
    """The signature of one token under the claims of another."""
    head, _, signature = signed.split(".")
    return ".".join((head, wanted.split(".")[1], signature))


async def play(site: Site, case: Case, cast: Cast, *, streamed: bool) -> Played:
    """All turns, one after the other."""
    if "{victim." in case.words:
        cast = cast.knowing(await _victim_was_here(site, cast, case.words))
    played = Played(case, cast, uuid.uuid4().hex)
    for turn in cast.fill(case.turns, conversation=played.conversation):
        whole = turn if isinstance(turn, dict) else {"say": turn}
        try:
            played.exchanges.append(await _Turn(site, played, streamed).take(whole))
        except httpx.HTTPError as error:
            played.heard.append(str(error))
            played.exchanges.append(Exchange(0, expected=False))
    return played


async def look_back(site: Site, played: Played) -> None:
    """Read the conversation again, as its page does: what was answered late is in it too."""
    history = await site.http.get(f"/api/chat/conversations/{played.conversation}/messages")
    if history.status_code == 200:
        told = [one for one in history.json()["entries"] if one["sender"] != "customer"]
        played.heard.append(_spelled(told))


async def _victim_was_here(site: Site, cast: Cast, words: str) -> Json:
    """The victim asked about an order, signed in; what an attacker might have seen over a shoulder."""
    if not any(f"{{victim.{name}}}" in words for name in ("conversation", "message_id", "attachment")):
        return {}
    conversation, message = uuid.uuid4().hex, uuid.uuid4().hex
    signed_in = {"Authorization": f"Bearer {site.token('valid', cast.victim.customer_id)}"}
    body = {
        "conversation_id": conversation,
        "message_id": message,
        "text": cast.victim.orders["shipped"].order_id,
    }
    answer = await site.http.post("/api/chat/messages", json=body, headers=signed_in)
    answer.raise_for_status()
    picture = await _uploaded(site, conversation, [cast.victim.name, cast.victim.street])
    return {"conversation": conversation, "message_id": message, "attachment": picture.json()["id"]}


async def _uploaded(site: Site, conversation: str, lines: Sequence[str]) -> httpx.Response:
    form = {"conversation_id": conversation}
    answer = await site.http.post("/api/chat/attachments", data=form, files={"file": drawn(lines)})
    answer.raise_for_status()
    return answer


def drawn(lines: Sequence[str]) -> bytes:
    """A picture with these lines of words."""
    image = Image.new("RGB", (900, 90 + 80 * len(lines)), "white")
    pen = ImageDraw.Draw(image)
    for number, line in enumerate(lines):
        pen.text((40, 40 + 80 * number), line, fill="black", font=font(40))
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


class _Turn:
    """One turn, from its object in the case to what came back."""

    def __init__(self, site: Site, played: Played, streamed: bool) -> None:
        self._site, self._played, self._streamed = site, played, streamed

    async def take(self, turn: Json) -> Exchange:
        self._played.said.append(_spelled(turn))
        if "request" in turn:
            return await self._knock(turn)
        body = self._body(turn)
        if lines := turn.get("picture"):
            body["attachments"] = [
                (await _uploaded(self._site, self._played.conversation, lines)).json()["id"]
            ]
        headers, wanted = self._headers(turn), turn.get("status", [200])
        if self._streamed and wanted == [200]:
            exchange = await self._stream(body, headers)
            if exchange.holder:
                return exchange
        # What did not get through is sent again under the same id, as a customer's page does.
        exchange = await self._post(body, headers, wanted)
        if exchange.status == _BUSY:
            await asyncio.sleep(_AGAIN_S)
            exchange = await self._post(body, headers, wanted)
        return exchange

    def _body(self, turn: Json) -> Json:
        body: Json = {
            "conversation_id": self._played.conversation,
            "message_id": turn.get("message_id", uuid.uuid4().hex),
            "text": turn["say"],
            "language": self._played.case.language,
        }
        if "attachments" in turn:
            body["attachments"] = turn["attachments"]
        fields: Json = turn.get("fields", {})
        return body | fields

    def _headers(self, turn: Json) -> dict[str, str]:
        own = self._played.cast.own.customer_id
        headers: dict[str, str] = dict(turn.get("headers", {}))
        if "token" in turn:
            token = self._site.token(turn["token"], turn.get("sub", own), own)
        elif self._played.case.who == "customer" and "request" not in turn:
            token = self._site.token("valid", own)
        else:
            return headers
        return {"Authorization": f"Bearer {token}"} | headers

    async def _post(self, body: Json, headers: Mapping[str, str], wanted: Sequence[int]) -> Exchange:
        started = time.monotonic()
        answer = await self._site.http.post("/api/chat/messages", json=body, headers=headers)
        self._played.heard.append(_readable(answer))
        seconds = time.monotonic() - started
        if answer.status_code != 200:
            return Exchange(answer.status_code, answer.status_code in wanted)
        reply = answer.json()
        return Exchange(200, 200 in wanted, reply["holder"], reply["messages"], seconds)

    async def _stream(self, body: Json, headers: Mapping[str, str]) -> Exchange:
        """Without a holder: the stream was refused, or it broke off."""
        started, messages, holder, shown = time.monotonic(), list[Json](), "", ""
        with suppress(AssertionError):  # refused before it began
            async with heard(self._site.http, "/api/chat/messages", json=body, headers=headers) as events:
                async for event in events:
                    match event.kind:
                        case "delta":
                            shown += event.data["text"]
                        case "withdraw":
                            self._played.taken_back.append(shown)
                            shown = event.data["keep"]
                        case "message":
                            messages.append(event.data)
                        case "done":
                            holder = event.data["holder"]
        self._played.heard += [shown, _spelled(messages)]
        return Exchange(200, True, holder, messages, time.monotonic() - started)

    async def _knock(self, turn: Json) -> Exchange:
        method, path = turn["request"]
        content = {key: turn[key] for key in ("json", "data") if key in turn}
        answer = await self._site.http.request(method, path, headers=self._headers(turn), **content)
        self._played.heard.append(_readable(answer))
        return Exchange(answer.status_code, answer.status_code in turn.get("status", _REFUSED))


def _readable(answer: httpx.Response) -> str:
    """The body with every character as itself, and the headers."""
    try:
        body = _spelled(answer.json())
    except ValueError:
        body = answer.text
    return body + _spelled(dict(answer.headers))


def _spelled(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
