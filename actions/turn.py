"""One customer message as the actions see it, and what they say, offer and remember in answer.

`ShopAction` is the base of every action: it gives `act` a `Turn` and the `Shop`, turns an exception into an
apology with an id that the log has too, and brings an interrupted form back to its question.
"""

from __future__ import annotations

import asyncio
import logging
import uuid
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Coroutine, Hashable, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from functools import cache, cached_property
from typing import Any, TypeVar

from rasa_sdk import Action, Tracker
from rasa_sdk.events import ActiveLoop, EventType, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from support.bootstrap import Shop, open_shop
from support.guard.content import Ruling
from support.model import Language
from support.prompts import Persona
from support.services.history import Said
from support.services.model_calls import Calls
from support.settings import Settings
from support.store import is_away
from support.streaming import Draft, silent
from support.wording import Reader

log = logging.getLogger(__name__)

Known = TypeVar("Known")

LISTEN = "action_listen"
# Slots that say how the dialogue stands, of no interest to the person who takes over.
_DIALOGUE_SLOTS = frozenset(
    {"requested_slot", "offer", "ended", "purpose", "paused_flow", "refund_change", "language"}
    | {"misses", "unsure", "insults", "session_started_metadata"}
)
# How often in a row something went wrong; anything else sets them back.
_COUNTERS = ("misses", "unsure", "insults")


@cache
def shop() -> Shop:
    """This process's shop, opened on the first message."""
    return open_shop(Settings())


class Turn:
    """What came in, and what goes out. `say` utters a response of `domain/`; `remember` sets slots."""

    def __init__(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> None:
        self._dispatcher, self.tracker = dispatcher, tracker
        self.past: Sequence[Mapping[str, Any]] = tracker.events
        self._message: Mapping[str, Any] = tracker.latest_message or {}
        metadata: Mapping[str, Any] = self._message.get("metadata") or {}
        self.conversation: str = tracker.sender_id
        # What the gateway's content filter found; customers cannot write metadata.
        self.ruling: Ruling | None = Ruling(**metadata["content"]) if metadata.get("content") else None
        # What there is to answer.
        self.text: str = (self.ruling.rest if self.ruling else "") or self._message.get("text") or ""
        self.intent: str = (self._message.get("intent") or {}).get("name") or ""
        self.message_id: str = metadata.get("message_id") or self._message.get("message_id") or ""
        self.attachments: tuple[str, ...] = tuple(metadata.get("attachments") or ())
        self._watched = bool(metadata.get("watched"))
        self.language: Language = "en" if tracker.get_slot("language") == "en" else "zh"
        self.events: list[EventType] = []
        self._read: dict[Hashable, Any] = {}
        self.calls = Calls()  # of which nothing is kept, until the shop is open

    # --- what is known -------------------------------------------------------------------------------
    async def recall(self, shop: Shop) -> None:
        """Know the whole conversation: a call brings the end of a long one (`assistant.action_calls`)."""
        left_out = (at for at, event in enumerate(self.past) if event.get("event") == "earlier")
        if (at := next(left_out, None)) is not None:
            earlier = await shop.tracker.events(self.conversation, before=self.past[at]["before"])
            self.past = [*earlier, *self.past[at + 1 :]]

    def slot(self, name: str) -> Any:
        return self.tracker.get_slot(name)

    @property
    def loop(self) -> str | None:
        """The form that is active, if any."""
        name: str | None = (self.tracker.active_loop or {}).get("name")
        return name

    def starts(self, form: str) -> bool:
        """Whether the form began with this message: Rasa noted so after the customer's words."""
        for event in reversed(self.past):
            if event.get("event") == "user":
                return False
            if event.get("event") == "active_loop" and event.get("name") == form:
                return True
        return False

    def left_loop(self, form: str) -> str | None:
        """The form that was active when `form` took over."""
        loops = [event["name"] for event in self.past if event.get("event") == "active_loop"]
        return loops[-2] if len(loops) > 1 and loops[-2] != form else None

    @property
    def is_fresh(self) -> bool:
        """Whether this form is the first to see the message; False when it resumes after a digression.

        Rasa notes a form as executed before it calls the form's validation, so the action before it tells.
        """
        actions = [event["name"] for event in self.past if event.get("event") == "action"]
        before = actions[:-1] if actions and actions[-1] != LISTEN else actions
        return not before or before[-1] == LISTEN

    def reader(self, shop: Shop) -> Reader:
        """For whom records are worded."""
        return Reader(self.language, shop.policy.zone, shop.clock())

    def persona(self) -> Persona:
        settings = shop().settings
        name = settings.shop_name_en if self.language == "en" else settings.shop_name
        return Persona(name, settings.persona)

    def said(self) -> list[Said]:
        """The conversation so far, this message last."""
        return [turn for turn, _ in self._turns()]

    def told_model(self) -> list[Said]:
        """The conversation before this message, as the model may know it: without attempts to steer it."""
        return [turn for turn, kept_out in list(self._turns())[:-1] if not kept_out]

    def _turns(self) -> Iterator[tuple[Said, bool]]:
        """What was said, and whether the model was kept out of it."""
        kept_out = False
        for event in self.past:
            metadata = event.get("metadata") or {}
            if event.get("event") == "user" and event.get("text"):
                kept_out = _keeps_model_out(metadata.get("content"))
                yield Said("customer", event["text"], tuple(metadata.get("attachments") or ())), kept_out
            elif event.get("event") == "bot" and event.get("text"):
                yield Said("assistant", event["text"]), kept_out

    def recent_attachments(self) -> tuple[str, ...]:
        """The pictures of this message, or else of the customer's message before it."""
        before = [turn for turn in self.said()[:-1] if turn.who == "customer"][-1:]
        return self.attachments or tuple(one for turn in before for one in turn.attachments)

    def tried(self) -> list[str]:
        """The names of what was done in this conversation, for the person who takes over."""
        actions = (event.get("name", "") for event in self.past if event.get("event") == "action")
        done = (name.removeprefix("action_") for name in actions if name.startswith("action_"))
        hidden = {"listen", "session_start", "extract_slots", "small_talk"}
        return list(dict.fromkeys(name for name in done if name not in hidden))

    def telling_slots(self) -> dict[str, Any]:
        """Slots with a value, for the handover."""
        names = self.tracker.current_slot_values().keys() - _DIALOGUE_SLOTS
        return {name: self.known(name) for name in sorted(names) if self.known(name)}

    # --- what the records say ------------------------------------------------------------------------
    async def once(self, what: Hashable, read: Callable[[], Awaitable[Known]]) -> Known:
        """What `read` finds, read once; for what is shown and asked. A write reads again for itself."""
        if what not in self._read:
            self._read[what] = await read()
        found: Known = self._read[what]
        return found

    def found(self, what: Hashable, value: object) -> None:
        """Note what was read by other means than `once`."""
        self._read[what] = value

    def forget(self) -> None:
        """Something was written: read anew."""
        self._read.clear()

    # --- while it is worked on -------------------------------------------------------------------------
    @cached_property
    def draft(self) -> Draft:
        """What the customer sees of the answer before it is said, if somebody looks."""
        if not self._watched:
            return silent()
        return shop().side_channel.draft(self.conversation, self.message_id)

    # --- what follows --------------------------------------------------------------------------------
    def say(
        self,
        response: str,
        *,
        buttons: Sequence[tuple[str, str]] = (),
        image: str | None = None,
        custom: Mapping[str, Any] | None = None,
        **facts: Any,
    ) -> None:
        """Utter a response; `buttons` are (title, text that the customer sends by pressing it).

        Once the model's words are used, the tracker gets the variant that wrote them, as `custom["model"]`.
        """
        used = {"model": self.calls.model_used} if self.calls.model_used else {}
        self._dispatcher.utter_message(
            response=response,
            buttons=[{"title": title, "payload": payload} for title, payload in buttons],
            image=image,
            json_message=used | dict(custom or {}),
            **facts,
        )

    def pick(self, zh: str, en: str) -> str:
        """The label in the customer's language."""
        return en if self.language == "en" else zh

    def remember(self, **slots: Any) -> None:
        self.events += [SlotSet(name, value) for name, value in slots.items()]

    def known(self, slot: str) -> Any:
        """The slot as it will be after this turn."""
        for event in reversed(self.events):
            if event.get("event") == "slot" and event["name"] == slot:
                return event["value"]
        return self.slot(slot)

    def follow_with(self, action: str) -> None:
        self.events.append(FollowupAction(action))

    def leave_loop(self) -> None:
        """End the active form without its ending."""
        self.events.append(ActiveLoop(None))
        self.remember(requested_slot=None)

    def offer_person(self) -> None:
        """Ask whether a person should take over; a plain yes then means that."""
        self.say("utter_offer_person")
        self.remember(offer="handoff")

    @property
    def uttered(self) -> tuple[str, ...]:
        """The names of the responses that this action has said."""
        return tuple(message.get("response") or "" for message in self._dispatcher.messages)

    @property
    def decides_what_follows(self) -> bool:
        return any(event.get("event") in ("followup", "pause", "active_loop") for event in self.events)


# Tasks that nobody awaits; the loop itself would let them be collected.
_running: set[asyncio.Task[None]] = set()


def _in_the_background(work: Coroutine[Any, Any, None]) -> None:
    """The customer's answer does not wait for it."""
    task = asyncio.create_task(work)
    _running.add(task)
    task.add_done_callback(_running.discard)


def _keeps_model_out(ruling: Mapping[str, Any] | None) -> bool:
    """Whether a message is answered without the model; one that is only labelled is not."""
    return ruling is not None and ruling["action"] != "note"


class ShopAction(Action, ABC):
    """Base of all actions. Subclasses set `action` and write `act`; rasa-sdk leaves abstract ones alone."""

    # Part of a form's own machinery: does not itself bring the form back.
    in_form = False

    @property
    @abstractmethod
    def action(self) -> str:
        """The name that the domain and the rules use."""

    @abstractmethod
    async def act(self, turn: Turn, shop: Shop) -> None:
        """Answer the message."""

    def name(self) -> str:
        return self.action

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        turn = Turn(dispatcher, tracker)
        try:
            await self._act(turn)
        except Exception as error:
            if is_away(error):
                raise  # nothing of this turn happened: the gateway sends the message again
            turn = self._apologise(dispatcher, tracker)
        if not self.in_form:
            self._tidy(turn)
        return turn.events

    async def _act(self, turn: Turn) -> None:
        """What the action does; the model calls that it made are written down, however it ends."""
        here = shop()
        if turn.ruling and _keeps_model_out(asdict(turn.ruling)):
            here = replace(here, llm=None)
        turn.calls = here.call_book.open(turn.conversation, turn.message_id)
        try:
            await self.act(turn, here)
        finally:
            if turn.calls.made:
                _in_the_background(turn.calls.keep())

    def _apologise(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> Turn:
        """Whatever was half said is taken back: the customer gets one apology and a way on."""
        error_id = uuid.uuid4().hex[:8]
        log.exception("%s failed, told the customer as %s", self.action, error_id)
        dispatcher.messages.clear()
        turn = Turn(dispatcher, tracker)
        turn.say("utter_internal_error", id=error_id)
        turn.remember(offer="handoff")
        if turn.loop:
            # A form that fails on this message would fail on it again.
            turn.remember(requested_slot=None, ended="failed")
        return turn

    def _tidy(self, turn: Turn) -> None:
        set_now = {event["name"] for event in turn.events if event.get("event") == "slot"}
        if turn.slot("offer") and "offer" not in set_now:
            turn.remember(offer=None)
        for counter in _COUNTERS:
            if turn.slot(counter) and counter not in set_now:
                turn.remember(**{counter: 0})
        if turn.loop and not turn.decides_what_follows:
            self._go_on(turn, turn.loop)

    def _go_on(self, turn: Turn, form: str) -> None:
        """Back to the form's question; but a list of orders to look at is no business to come back to."""
        if form == "find_order_form" and turn.slot("requested_slot") == "order_id":
            turn.leave_loop()
        else:
            turn.follow_with(form)
