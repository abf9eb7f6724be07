"""The front door's client of Rasa: one message in, its answers out, and notes into the tracker.

Rasa listens on loopback only. Its webhook is protected by a shared secret in a header, its HTTP API by the
same secret as `token`. Every failure is one exception, `RasaUnavailable`: what to do without Rasa is the
caller's decision. `away_s` says for how long no message has been answered, so that not every customer waits
to find out.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

import aiohttp

_CONNECT_S = 1.0
_ANSWER_S = 25.0
_NOTE_S = 5.0
_PING_S = 2.0
# Less than Rasa's server keeps a connection: a message is not sent on one that is being closed.
_KEEP_ALIVE_S = 4.0
_LOAD_S = 60.0
# What our channel says where the turn was not made, for want of something that comes back.
_AWAY = 503

# After `resume` alone, the next message would run the action that paused the conversation again.
_RESUME = ({"event": "resume"}, {"event": "action", "name": "action_listen"})

Json = dict[str, Any]


class RasaUnavailable(Exception):
    """Rasa is down, too slow, or answered with an error.

    `may_pass`: it (or its action server, or its database) is away, and the same message may be sent again.
    """

    def __init__(self, why: str, *, may_pass: bool = False) -> None:
        super().__init__(why)
        self.may_pass = may_pass


class Rasa:
    """Keeps connections open; `close` when done."""

    def __init__(self, url: str, secret: str, answer_s: float = _ANSWER_S) -> None:
        self._answer_s = answer_s
        self._secret = secret
        self._away_since: float | None = None
        self._url = url.rstrip("/")
        self._opened: aiohttp.ClientSession | None = None

    async def close(self) -> None:
        if self._opened:
            await self._opened.close()

    @property
    def _session(self) -> aiohttp.ClientSession:
        """Opened on the event loop that uses it. Loopback never goes through a proxy (no `trust_env`)."""
        if self._opened is None:
            connector = aiohttp.TCPConnector(limit=200, keepalive_timeout=_KEEP_ALIVE_S)
            self._opened = aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar())
        return self._opened

    @property
    def away_s(self) -> float:
        """For how long it has not answered; 0 when it did the last time."""
        return 0 if self._away_since is None else time.monotonic() - self._away_since

    async def send(
        self,
        conversation_id: str,
        text: str,
        message_id: str,
        metadata: Mapping[str, Any],
        *,
        again: bool = False,
        within_s: float | None = None,
    ) -> list[Json]:
        """What Rasa answers to a customer's message; an empty list when it says nothing.

        `again`: it may have heard the message before, and then repeats what it answered.
        """
        body = {"sender": conversation_id, "text": text, "message_id": message_id, "metadata": metadata}
        try:
            within_s = within_s or self._answer_s
            answer = await self._post("/webhooks/shopclerk/webhook", body | {"again": again}, within_s)
        except RasaUnavailable as error:
            if error.may_pass and self._away_since is None:
                self._away_since = time.monotonic()
            raise
        self._away_since = None
        messages = answer.get("messages") if isinstance(answer, dict) else None
        if not isinstance(messages, list):
            raise RasaUnavailable("the answer holds no list of messages")
        return messages

    async def note_customer(
        self, conversation_id: str, text: str, message_id: str, metadata: Mapping[str, Any]
    ) -> None:
        """Put a customer's message into the tracker without anything answering it."""
        event = {
            "event": "user",
            "text": text,
            "message_id": message_id,
            "metadata": metadata,
            "parse_data": {"text": text, "intent": {}, "entities": []},
        }
        await self._append(conversation_id, event)

    async def note_person(self, conversation_id: str, person: str, text: str) -> None:
        """Put a person's words into the tracker; they reach the customer by our own events."""
        event = {"event": "bot", "text": text, "data": {}, "metadata": {"person": person}}
        await self._append(conversation_id, event)

    async def resume(self, conversation_id: str) -> None:
        """Let Rasa answer again after a handover."""
        await self._append(conversation_id, *_RESUME)

    async def events(self, conversation_id: str) -> list[Json]:
        """Everything that Rasa remembers of a conversation, oldest first."""
        path = f"/conversations/{quote(conversation_id, safe='')}/tracker"
        tracker = await self._call("GET", path, None, _NOTE_S, token=self._secret, include_events="ALL")
        return list(tracker.get("events") or ())

    async def parse(self, text: str) -> Json:
        """What the model in use makes of a text, without a conversation."""
        parsed: Json = await self._post("/model/parse", {"text": text}, _NOTE_S, token=self._secret)
        return parsed

    async def load_model(self, path: Path) -> str:
        """Bring a model into use; the file name of the one in use afterwards, empty when nothing answers.

        Rasa loads it beside the old one and swaps them. Where it cannot load it, it has none afterwards.
        """
        try:
            body = {"model_file": str(path)}
            await self._call("PUT", "/model", body, _LOAD_S, token=self._secret)
            status = await self._call("GET", "/status", None, _NOTE_S, token=self._secret)
        except RasaUnavailable:
            return ""
        return str(status["model_file"])

    async def ping(self) -> bool:
        """Whether Rasa answers and has a model loaded."""
        try:
            await self._call("GET", "/status", None, _PING_S, token=self._secret)
        except RasaUnavailable:
            return False
        return True

    async def _append(self, conversation_id: str, *events: Json) -> None:
        path = f"/conversations/{quote(conversation_id, safe='')}/tracker/events"
        await self._post(path, list(events), _NOTE_S, token=self._secret)

    async def _post(self, path: str, body: Any, within_s: float, **params: str) -> Any:
        return await self._call("POST", path, body, within_s, **params)

    async def _call(self, method: str, path: str, body: Any, within_s: float, **params: str) -> Any:
        headers = {"X-Shopclerk-Secret": self._secret}
        timeout = aiohttp.ClientTimeout(total=within_s, sock_connect=_CONNECT_S)
        try:
            async with self._session.request(
                method,
                self._url + path,
                json=body,
                headers=headers,
                params=params,
                timeout=timeout,
                allow_redirects=False,
            ) as response:
                if not 200 <= response.status < 300:
                    # Not aiohttp's own error: that holds the address with its token.
                    may_pass = response.status == _AWAY
                    raise RasaUnavailable(f"HTTP {response.status}", may_pass=may_pass)
                content = await response.read()
            return json.loads(content) if content else None
        except aiohttp.ConnectionTimeoutError as error:
            raise RasaUnavailable("no connection in time", may_pass=True) from error
        except TimeoutError as error:
            raise RasaUnavailable(f"no answer within {within_s:.3g} s", may_pass=True) from error
        except (aiohttp.ClientError, OSError) as error:
            raise RasaUnavailable(type(error).__name__, may_pass=True) from None
        except ValueError as error:
            raise RasaUnavailable(type(error).__name__) from error
