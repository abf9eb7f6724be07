"""Customer, bot and people at the same time, through two gateways, whatever the order: properties that hold.

A machine of Hypothesis draws bursts of things that happen at once: messages, the same message again, people
who take, answer, pass on and end, sweeps, jumps of the clock, Rasa going away, a gateway that dies in the
middle of an answer and one that stands still until its lease is gone. The gateways' own parts and both
databases are real; only Rasa is a stand-in that keeps what matters here: who is paused.
"""

from __future__ import annotations

import asyncio
import itertools
import uuid
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from gateway.incoming import Incoming
from gateway.keeper import Keeper
from gateway.lease import LEASE, Leases
from gateway.meters import Meters
from gateway.news import News
from gateway.persons import Persons
from gateway.rasa import Rasa, RasaUnavailable
from gateway.turns import Turns
from support.bootstrap import Shop, open_shop
from support.model import HandoffReason, Holder
from support.services import handoff
from support.services.handoff import NotPossible
from tests.stack import stack_settings

AGENTS = ("lin", "wang")
GATEWAYS = (0, 1)
WORDS = {"plain": "运费怎么算", "person": "转人工", "back": "返回助手", "breaks": "坏掉"}
# What may follow what; a conversation passed from one person to another stays with a person.
MOVES = {
    ("bot", "queue"), ("queue", "person"), ("queue", "bot"), ("queue", "closed"), ("person", "person"),
    ("person", "queue"), ("person", "bot"), ("person", "closed"), ("closed", "bot"),
}  # fmt: skip
_TIMES_FASTER = 100
OPEN_AS = {Holder.QUEUE: "waiting", Holder.PERSON: "taken"}


class Clock:
    """Stands still unless somebody waits."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        # Two things never happen at the very same time.
        self.now += timedelta(microseconds=1)
        return self.now

    async def sleep(self, seconds: float) -> None:
        until = self.now + timedelta(seconds=seconds)
        await asyncio.sleep(seconds / _TIMES_FASTER)
        self.now = max(self.now, until)


class Trackers:
    """Rasa's memory of the conversation, which both gateways share."""

    def __init__(self) -> None:
        self.paused = self.down = False
        self.asked: Counter[str] = Counter()
        self.numbers = itertools.count()
        self.talking: dict[str, datetime] = {}

    @contextmanager
    def one_at_a_time(self, message_id: str, clock: Callable[[], datetime]) -> Iterator[None]:
        """Another message is worked on only when the lease of the one before it has run out."""
        now = clock()
        assert all(now - since >= LEASE for since in self.talking.values()), self.talking
        self.talking[message_id] = now
        try:
            yield
        finally:
            self.talking.pop(message_id, None)


class Dialogue(Rasa):
    """A gateway's connection to Rasa. Closing the gate lets what is asked wait for its answer."""

    def __init__(self, trackers: Trackers, shop: Shop) -> None:
        super().__init__("http://nowhere", "")
        self._trackers, self._shop = trackers, shop
        self.gate = asyncio.Event()
        self.gate.set()
        self.waiting = 0

    async def send(
        self,
        conversation_id: str,
        text: str,
        message_id: str,
        metadata: Mapping[str, Any],
        *,
        again: bool = False,
        within_s: float | None = None,
    ) -> list[dict[str, Any]]:
        trackers = self._trackers
        trackers.asked[message_id] += 1
        with trackers.one_at_a_time(message_id, self._shop.clock):
            self.waiting += 1
            await self.gate.wait()
            self.waiting -= 1
            await self._answers()
            return await self._said(conversation_id, text)

    async def _said(self, conversation_id: str, text: str) -> list[dict[str, Any]]:
        trackers = self._trackers
        if trackers.paused:
            return []
        if text in (WORDS["person"], WORDS["breaks"]):
            shop, packet = self._shop, {"language": "zh"}
            await handoff.open(
                shop.store, shop.policy, conversation_id, HandoffReason.ASKED, packet, shop.clock()
            )
            trackers.paused = True
        if text == WORDS["breaks"]:
            raise RasaUnavailable("too late")
        return [{"text": f"answer {next(trackers.numbers)}"}]

    async def note_customer(self, *_: Any) -> None:
        await self._answers()

    async def note_person(self, *_: Any) -> None:
        await self._answers()

    async def resume(self, conversation_id: str) -> None:
        await self._answers()
        self._trackers.paused = False

    async def _answers(self) -> None:
        await asyncio.sleep(0)
        if self._trackers.down:
            raise RasaUnavailable("down")


class Gateway:
    """What of a gateway has to do with handing over."""

    def __init__(self, shop: Shop, trackers: Trackers, clock: Clock) -> None:
        news = News(shop.store)
        self.rasa = Dialogue(trackers, shop)
        leases = Leases(shop.store, clock, clock.sleep)
        self.turns = Turns(shop, self.rasa, Meters(), news, leases)
        self.persons = Persons(shop, self.rasa, self.turns, news)
        self.keeper = Keeper(shop, self.turns, news)

    async def asking(self, task: asyncio.Task[Any]) -> None:
        """Until the task has asked Rasa, or ended without."""
        while not self.rasa.waiting and not task.done():
            await asyncio.sleep(0.001)


class Machine(RuleBasedStateMachine):
    """One conversation. `replies` are all answers that each message id ever got."""

    def __init__(self, database_url: str, folder: Path) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.clock = Clock()
        self.shop = open_shop(stack_settings(folder, database_url=database_url), self.clock)
        self.trackers = Trackers()
        self.gateways = [self.new_gateway() for _ in GATEWAYS]
        self.conversation_id = uuid.uuid4().hex
        self.texts: dict[str, str] = {}
        self.replies: dict[str, list[dict[str, Any]]] = {}
        self.said: list[str] = []

    def new_gateway(self) -> Gateway:
        return Gateway(self.shop, self.trackers, self.clock)

    def run(self, *work: Coroutine[Any, Any, Any]) -> None:
        async def together() -> None:
            await asyncio.gather(*work)
            for gateway in self.gateways:
                await gateway.turns.finish()

        self.loop.run_until_complete(together())

    def teardown(self) -> None:
        self.run(self.everything_ends())
        self.run(self.shop.close())
        self.loop.close()

    # --- what happens --------------------------------------------------------------------------------
    acts = st.one_of(
        st.tuples(st.just("say"), st.sampled_from(sorted(WORDS)), st.sampled_from(GATEWAYS)),
        st.tuples(st.just("again"), st.integers(0, 3), st.sampled_from(GATEWAYS)),
        st.tuples(
            st.sampled_from(("take", "reply", "double click", "give back", "close", "pass on", "return")),
            st.sampled_from(AGENTS),
            st.sampled_from(GATEWAYS),
        ),
        st.tuples(st.sampled_from(("sweep", "renew")), st.sampled_from(AGENTS), st.sampled_from(GATEWAYS)),
    )

    @rule(acts=st.lists(acts, min_size=1, max_size=5))
    def at_once(self, acts: list[tuple[str, Any, int]]) -> None:
        self.run(*(self.act(what, which, self.gateways[gateway]) for what, which, gateway in acts))

    @rule(minutes=st.sampled_from((0.5, 2, 4, 31, 130)))
    def time_passes(self, minutes: float) -> None:
        self.clock.now += timedelta(minutes=minutes)

    @rule()
    def the_clock_is_set_back(self) -> None:
        self.clock.now -= timedelta(seconds=90)

    @rule(down=st.booleans())
    def rasa_goes_or_comes(self, down: bool) -> None:
        self.trackers.down = down

    @rule()
    def rasas_session_runs_out(self) -> None:
        self.trackers.paused = False

    @rule(words=st.sampled_from(sorted(WORDS)), which=st.sampled_from(GATEWAYS))
    def a_gateway_dies_in_the_middle(self, words: str, which: int) -> None:
        async def die() -> None:
            gateway = self.gateways[which]
            gateway.rasa.gate.clear()
            turn = asyncio.ensure_future(self.say(WORDS[words], gateway))
            await gateway.asking(turn)
            if gateway.rasa.waiting:
                running = [*gateway.turns._running, turn]
                for task in running:
                    task.cancel()
                await asyncio.gather(*running, return_exceptions=True)
            await gateway.turns.finish()
            self.gateways[which] = self.new_gateway()

        self.run(die())

    @rule(words=st.sampled_from(sorted(WORDS)), same=st.booleans())
    def a_gateway_stands_still_until_its_lease_is_gone(self, words: str, same: bool) -> None:
        async def stall() -> None:
            slow, other = self.gateways
            slow.rasa.gate.clear()
            turn = asyncio.ensure_future(self.say(WORDS[words], slow))
            await slow.asking(turn)
            self.clock.now += LEASE + timedelta(seconds=1)
            newest = list(self.texts)[-1]
            await (self.send(newest, other) if same else self.say(WORDS["plain"], other))
            slow.rasa.gate.set()
            await turn

        self.run(stall())

    async def act(self, what: str, which: Any, gateway: Gateway) -> None:
        if what == "say":
            await self.say(WORDS[which], gateway)
        elif what == "again":
            for message_id in list(self.texts)[::-1][which : which + 1]:
                await self.send(message_id, gateway)
        elif what == "sweep":
            await gateway.keeper.keep()
        elif what == "renew":
            await gateway.persons.renew(which)
        else:
            await self.as_person(what, which, gateway.persons)

    async def say(self, words: str, gateway: Gateway) -> None:
        message_id = f"m-{len(self.texts)}"
        self.texts[message_id] = words
        await self.send(message_id, gateway)

    async def send(self, message_id: str, gateway: Gateway) -> None:
        incoming = Incoming(
            self.conversation_id, message_id, self.texts[message_id], (), "zh", "zh", "zh", "web"
        )
        self.replies.setdefault(message_id, []).append(await gateway.turns.answer(incoming))

    async def as_person(self, what: str, person: str, persons: Persons) -> None:
        async with self.shop.store.reading() as unit:
            handovers = await unit.handovers.of_conversation(self.conversation_id)
        if not handovers:
            return
        number, other = handovers[-1].id, next(one for one in AGENTS if one != person)
        self.said.append(f"r-{len(self.said)}")
        last = self.said[-1]
        acts: dict[str, Callable[[], Awaitable[Any]]] = {
            "take": lambda: persons.take(number, person),
            "reply": lambda: persons.reply(number, person, "您好", last),
            "double click": lambda: asyncio.gather(
                *(persons.reply(number, person, "您好", last) for _ in range(2))
            ),
            "give back": lambda: persons.give_back(number, person),
            "close": lambda: persons.close(number, person),
            "pass on": lambda: persons.transfer(number, person, other),
            "return": lambda: persons.transfer(number, person),
        }
        with suppress(NotPossible):  # somebody else was faster, or has it
            await acts[what]()

    @rule(agent=st.sampled_from(AGENTS))
    def a_person_has_it(self, agent: str) -> None:
        async def take() -> None:
            await self.say(WORDS["person"], self.gateways[0])
            await self.as_person("take", agent, self.gateways[1].persons)

        self.run(take())

    # --- what holds ----------------------------------------------------------------------------------
    @invariant()
    def the_steps_are_a_chain_of_allowed_moves_that_ends_where_it_is(self) -> None:
        self.run(self.check_steps())

    @invariant()
    def an_open_handover_is_there_exactly_while_people_have_it(self) -> None:
        self.run(self.check_handovers())

    @invariant()
    def every_message_got_one_answer_or_went_to_people_once(self) -> None:
        self.run(self.check_messages())

    @invariant()
    def nobody_asks_rasa_for_ever(self) -> None:
        """Twice for each time that a message was sent, or its gateway had lost its lease; and died, once."""
        assert all(count <= 8 for count in self.trackers.asked.values()), self.trackers.asked

    async def check_steps(self) -> None:
        async with self.shop.store.reading() as unit:
            steps = await unit.conversations.transitions(self.conversation_id)
            holder = await unit.conversations.holder(self.conversation_id)
        state = Holder.BOT
        for step in steps:
            assert step.from_state is state, steps
            assert (step.from_state.value, step.to_state.value) in MOVES, step
            state = step.to_state
        assert state is holder

    async def check_handovers(self) -> None:
        async with self.shop.store.reading() as unit:
            handovers = await unit.handovers.of_conversation(self.conversation_id)
            holder = await unit.conversations.holder(self.conversation_id)
        still_open = [one.status for one in handovers if one.status != "closed"]
        assert still_open == ([OPEN_AS[holder]] if holder in OPEN_AS else [])

    async def check_messages(self) -> None:
        async with self.shop.store.reading() as unit:
            events = await unit.conversations.events(self.conversation_id, 0)
            kept = await unit.conversations.last_messages(self.conversation_id, len(self.texts) + 1)
        delivered = Counter(one.payload["message_id"] for one in events if one.kind == "customer")
        words = Counter(one.payload.get("message_id") for one in events if one.kind == "message")
        assert all(words[one] <= 1 for one in self.said), "a person's words were said twice"
        assert {one.message_id for one in kept} == set(self.texts), "a message is lost"
        for message in kept:
            message_id, reply = message.message_id, message.reply and dict(message.reply)
            assert all(one == reply for one in self.replies.get(message_id, ())), message_id
            if reply is None:
                assert not delivered[message_id]
            elif reply["messages"]:
                assert len(reply["messages"]) == 1 and not delivered[message_id], message_id
            else:
                # A person may have taken it while the bot was still failing to answer.
                assert delivered[message_id] == 1 or reply["holder"] == "person", message_id

    async def everything_ends(self) -> None:
        """Rasa is there again, the customer sends again what got no answer: there is always a way back."""
        self.trackers.down = False
        gateway = self.new_gateway()
        for message_id in self.texts:
            await self.send(message_id, gateway)
        await self.check_messages()
        for agent in AGENTS:
            await self.as_person("give back", agent, gateway.persons)
        await gateway.turns.finish()
        await self.say(WORDS["plain"], gateway)
        [last] = self.replies[list(self.texts)[-1]]
        assert last["holder"] == "bot" and last["messages"][0]["text"].startswith("answer")
        await self.check_steps()


def test_nothing_is_lost_or_said_twice_whatever_happens_at_once(database_url: str, tmp_path: Path) -> None:
    class Here(Machine):
        def __init__(self) -> None:
            super().__init__(database_url, tmp_path)

    run_state_machine_as_test(
        Here,
        settings=settings(
            max_examples=15,
            stateful_step_count=10,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
