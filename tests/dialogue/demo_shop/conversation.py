"""A customer's conversation with the running system, through the front door's HTTP.

    talk = Conversation(stack, "zh")
    talk.say("我的订单到哪了")
    talk.heard("订单号")                # in what the last message was answered with

`heard` and `not_heard` fail with the conversation so far, so that the report shows what went wrong.
"""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import httpx
import jwt

from support.model import Language
from tests.stack import Stack

_ANSWER_S = 60
_TOKEN_S = 600
_APOLOGIES = ("我这边出了点", "something went wrong on my side")


@dataclass(frozen=True)
class Heard:
    """One message of the assistant: its words and the labels of its buttons."""

    text: str
    buttons: tuple[str, ...]
    citations: tuple[str, ...]

    def __str__(self) -> str:
        labels = "".join(f" [{label}]" for label in self.buttons)
        sources = "".join(f" <{source}>" for source in self.citations)
        return f"{self.text}{labels}{sources}"


class Conversation:
    """One conversation of its own; `customer_id` signs that customer in with a token of the shop's site."""

    def __init__(self, stack: Stack, language: Language, customer_id: str | None = None) -> None:
        self.id = uuid.uuid4().hex
        self.replies: list[Heard] = []
        self.holder = "bot"
        self._language = language
        self._story: list[str] = []
        headers = _signed_in(stack, customer_id) if customer_id else {}
        self._http = httpx.Client(base_url=stack.gateway_url, headers=headers, timeout=_ANSWER_S)

    def close(self) -> None:
        self._http.close()

    def say(self, text: str) -> list[Heard]:
        """Send words and return what they are answered with."""
        self._story.append(f"  > {text}")
        return self._post(text=text)

    def send(self, picture: Path, text: str = "") -> list[Heard]:
        """Send a picture, with or without words."""
        self._story.append(f"  > ({picture.name}) {text}")
        with picture.open("rb") as file:
            uploaded = self._http.post(
                "/api/chat/attachments", data={"conversation_id": self.id}, files={"file": file}
            )
        assert uploaded.status_code == 200, f"{uploaded.text}\n{self}"
        return self._post(text=text, attachments=[uploaded.json()["id"]])

    def heard(self, *fragments: str) -> None:
        """Assert that the last answer holds every fragment, in its words or on its buttons."""
        missing = [fragment for fragment in fragments if fragment not in self.answer]
        assert not missing, f"did not hear {missing}:\n{self}"

    def heard_one_of(self, *fragments: str) -> None:
        """Assert that the last answer holds one of the fragments."""
        assert any(fragment in self.answer for fragment in fragments), f"heard none of {fragments}:\n{self}"

    def not_heard(self, *fragments: str) -> None:
        """Assert that the last answer holds none of the fragments."""
        present = [fragment for fragment in fragments if fragment in self.answer]
        assert not present, f"heard {present}:\n{self}"

    def is_with(self, holder: str) -> None:
        """Assert who answers now: bot, queue or person."""
        assert self.holder == holder, f"with {self.holder}, not {holder}:\n{self}"

    @property
    def answer(self) -> str:
        """All of what the last message was answered with."""
        return "\n".join(str(reply) for reply in self.replies)

    def __str__(self) -> str:
        return "\n".join(self._story)

    def _post(self, **message: Any) -> list[Heard]:
        body = {"conversation_id": self.id, "message_id": uuid.uuid4().hex, "language": self._language}
        response = self._http.post("/api/chat/messages", json=body | message)
        assert response.status_code == 200, f"{response.text}\n{self}"
        return self._take(response.json())

    def _take(self, body: dict[str, Any]) -> list[Heard]:
        self.holder = body["holder"]
        self.replies = [_heard(message) for message in body["messages"]]
        self._story += [f"  < {reply}" for reply in self.replies] or ["  < (silence)"]
        # An action that failed apologises so; no test expects that.
        self.not_heard(*_APOLOGIES)
        return self.replies


class Talk(Protocol):
    """Begins a conversation, of a guest or of a customer who is signed in."""

    def __call__(self, language: Language, customer_id: str | None = None) -> Conversation: ...


def _heard(message: dict[str, Any]) -> Heard:
    return Heard(
        message.get("text") or "",
        tuple(button["title"] for button in message.get("buttons") or ()),
        tuple(citation["id"] for citation in message.get("citations") or ()),
    )


def _signed_in(stack: Stack, customer_id: str) -> dict[str, str]:
    secret = stack.settings.customer_token_secret.get_secret_value()
    token = jwt.encode({"sub": customer_id, "exp": int(time.time()) + _TOKEN_S}, secret, "HS256")
    return {"Authorization": f"Bearer {token}"}
