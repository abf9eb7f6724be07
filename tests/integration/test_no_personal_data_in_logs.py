"""A full run, faults included, after which no log of any process holds what a customer said about themselves.

The system is the real one, with a scripted model. What is looked for are values that nothing but the talks
could have brought there; the last four digits of a phone are too short for that.
"""

from __future__ import annotations

import asyncio
import csv
import io
import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import httpx
import pytest
import sqlalchemy as sa
from PIL import Image, ImageDraw

from support.bootstrap import open_shop
from support.model import Customer, Order
from support.store.tables import attachments
from tests import desks
from tests.fakes_model import FakeModel
from tests.stack import Stack

ZH = {
    "name": "欧阳静怡",
    "mobile": "13700137111",
    "mail": "ouyang.jingyi@qq.com",
    "address": "漕溪北路1288弄3号402室",
    "id_card": "330106198802143510",
    "bank_card": "6217003320012345677",
    "plate": "沪A8K2P6",
    "secret": "qiantang88",
}
EN = {
    "name": "Priya Raghunathan",
    "phone": "+44 7700 900417",
    "mail": "p.raghunathan@proton.me",
    "address": "17 Larkspur Terrace",
    "bank_card": "5553 4124 4444 1114",
}
QUESTIONS = {"zh": "几天内可以退货？", "en": "How many days do I have to return something?"}
_WAIT_S = 60


@dataclass(frozen=True)
class Run:
    """What was said, to whom; `asked` are the model's requests."""

    stack: Stack
    values: dict[str, str]
    asked: list[dict[str, Any]]

    def logs(self) -> dict[str, str]:
        folder = self.stack.settings.var / "log"
        return {path.name: path.read_text(encoding="utf-8", errors="replace") for path in folder.glob("*")}


class Customers:
    """Whoever writes to the front door, by hand: answers are of no interest here."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._http = httpx.Client(base_url=stack.gateway_url, timeout=_WAIT_S, trust_env=False)
        self._said = 0

    def say(self, conversation: str, text: str, language: str = "zh", **more: Any) -> httpx.Response:
        self._said += 1
        body = {"conversation_id": conversation, "message_id": f"{conversation}-{self._said}"}
        return self._http.post("/api/chat/messages", json=body | {"text": text, "language": language} | more)

    def send(self, conversation: str, data: bytes, name: str) -> httpx.Response:
        files = {"file": (name, data)}
        return self._http.post("/api/chat/attachments", data={"conversation_id": conversation}, files=files)

    def post(self, path: str, content: str, **headers: str) -> httpx.Response:
        return self._http.post(path, content=content.encode(), headers=headers)


@pytest.fixture(scope="module")
def run(assistant: Stack, model: FakeModel) -> Iterator[Run]:
    model.default = "签收后 7 天内可以退货[1]。详情请拨打 13912340987。"
    order, customer = asyncio.run(_somebody(assistant))
    chats = Customers(assistant)
    _talk_chinese(chats, order, customer)
    _talk_english(chats)
    _be_rude(chats, assistant)
    _talk_while_the_action_server_is_away(chats, assistant)
    asyncio.run(_take_over(assistant, chats))
    told = {"order": order.order_id, "customer_phone": customer.phone, "customer_name": customer.name}
    values = {f"zh_{kind}": value for kind, value in ZH.items()} | {
        f"en_{kind}": value for kind, value in EN.items()
    }
    yield Run(assistant, values | told, model.history)


async def _somebody(stack: Stack) -> tuple[Order, Customer]:
    """A customer whom the launcher does not name as an example."""
    shown = json.dumps(stack.guide)
    with (stack.shop_folder / "customers.csv").open(encoding="utf-8", newline="") as file:
        others = [row["customer_id"] for row in csv.DictReader(file) if row["customer_id"] not in shown]
    shop = open_shop(stack.settings)
    async with shop.store.reading() as unit:
        found = [(await unit.customers.get(one), await unit.orders.of_customer(one, 1)) for one in others]
    await shop.close()
    return next((orders[0], customer) for customer, orders in found if orders and customer and customer.phone)


def _talk_chinese(chats: Customers, order: Order, customer: Customer) -> None:
    chat = "talk-in-chinese-0001"
    chats.say(chat, f"你好，我叫{ZH['name']}，电话{ZH['mobile']}，{QUESTIONS['zh']}")
    chats.say(chat, f"订单 {order.order_id} 到哪了")
    chats.say(chat, customer.phone[-4:])
    chats.say(chat, f"寄到{ZH['address']}，收件人{ZH['name']}，{ZH['mobile']}，邮箱{ZH['mail']}")
    chats.say(chat, f"身份证{ZH['id_card']}，退到银行卡{ZH['bank_card']}，我的密码是{ZH['secret']}")
    chats.say(chat, f"车牌{ZH['plate']}，送货要登记")
    uploaded = chats.send(chat, _picture(ZH["mobile"], ZH["bank_card"], ZH["id_card"]), f"{ZH['name']}.png")
    assert uploaded.status_code == 200, uploaded.text
    chats.say(chat, "这是我的资料", attachments=[uploaded.json()["id"]])


def _talk_english(chats: Customers) -> None:
    chat = "talk-in-english-0001"
    chats.say(chat, f"Hi, my name is {EN['name']}. {QUESTIONS['en']}", "en")
    chats.say(chat, f"call me on {EN['phone']} or write to {EN['mail']}", "en")
    chats.say(chat, f"send it to {EN['address']}, and refund card {EN['bank_card']}", "en")


def _be_rude(chats: Customers, stack: Stack) -> None:
    """Requests that no page of ours sends, to every process that listens."""
    told = f'{{"text": "我叫{ZH["name"]} {ZH["mobile"]}"'
    settings = stack.settings
    refused = [
        chats.post("/api/chat/messages", told),
        chats.post(f"/api/chat/messages?phone={ZH['mobile']}&name={quote(ZH['name'])}", told + "}"),
        chats.post("/api/chat/messages", told + "}", Authorization=f"Bearer {ZH['secret']}"),
        chats.say("no-text", "", language=ZH["name"]),
        chats.send("talk-in-chinese-0001", b"no picture", f"{ZH['name']} {ZH['id_card']}.png"),
        httpx.get(f"{stack.gateway_url}/api/staff/handovers?name={EN['name']}", timeout=_WAIT_S),
        httpx.post(f"{stack.rasa_url}/webhooks/shopclerk/webhook", content=told, timeout=_WAIT_S),
        httpx.post(
            f"{stack.rasa_url}/webhooks/rest/webhook",
            json={"sender": ZH["mail"], "message": None, "metadata": ZH},
            timeout=_WAIT_S,
        ),
        httpx.post(
            f"http://127.0.0.1:{settings.actions_port}/webhook",
            json={"next_action": "action_unknown", "sender_id": ZH["mail"], "tracker": ZH},
            timeout=_WAIT_S,
        ),
        httpx.post(f"http://127.0.0.1:{settings.actions_port}/webhook", content=told, timeout=_WAIT_S),
    ]
    assert [answer.status_code for answer in refused if answer.status_code == 200] in ([], [200])


def _talk_while_the_action_server_is_away(chats: Customers, stack: Stack) -> None:
    port = str(stack.settings.actions_port)
    for number, command in _processes():
        if "rasa_sdk" in command and command.rstrip().endswith(port):
            os.kill(number, signal.SIGKILL)
    chats.say("talk-while-away-0001", f"我叫{ZH['name']}，手机{ZH['mobile']}，{QUESTIONS['zh']}")
    chats.say("talk-while-away-0001", f"where is it? mail {EN['mail']}, {EN['address']}", "en")
    _wait_for(f"http://127.0.0.1:{port}/health")


async def _take_over(stack: Stack, chats: Customers) -> None:
    """A customer with a person, and a colleague who signs in, after a wrong try with a mail address."""
    await asyncio.to_thread(chats.say, "talk-with-person-0001", "转人工")
    await asyncio.to_thread(
        chats.say, "talk-with-person-0001", f"{ZH['name']}，{ZH['mobile']}，{ZH['address']}"
    )
    await desks.hire(stack.settings, "mei", "agent")
    async with httpx.AsyncClient(base_url=stack.gateway_url, timeout=_WAIT_S, trust_env=False) as client:
        wrong = {"login": ZH["mail"], "password": ZH["secret"], "then": "/desk"}
        assert (await client.post("/desk/sign-in", data=wrong)).status_code != 303
        mei = await desks.sign_in(client, "mei")
        assert (await mei.get("/desk")).status_code == 200
    shop = open_shop(stack.settings)
    async with shop.store.reading() as unit:
        handover = await unit.handovers.current("talk-with-person-0001")
    await shop.close()
    assert handover
    place = f"{stack.gateway_url}/api/staff/handovers/{handover.id}"
    for what, more in (
        ("take", {}),
        ("reply", {"text": f"{ZH['name']}您好，会打{ZH['mobile']}给您"}),
        ("close", {}),
    ):
        body = {"person": ZH["name"]} | more
        done = httpx.post(f"{place}/{what}", json=body, headers=stack.staff_headers, timeout=_WAIT_S)
        assert done.status_code == 200, done.text


def _picture(*lines: str) -> bytes:
    image = Image.new("RGB", (900, 120 * len(lines) + 60), "white")
    draw = ImageDraw.Draw(image)
    for row, line in enumerate(lines):
        draw.text((40, 40 + 120 * row), line, fill="black", font_size=48)
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


def _processes() -> Iterator[tuple[int, str]]:
    listed = subprocess.run(
        ["ps", "-A", "-ww", "-o", "pid=,command="], capture_output=True, text=True, check=True
    )
    for line in listed.stdout.splitlines():
        number, _, command = line.strip().partition(" ")
        yield int(number), command


def _wait_for(url: str) -> None:
    end = time.monotonic() + _WAIT_S
    while time.monotonic() < end:
        try:
            if httpx.get(url, timeout=5).status_code == 200:
                return
        except httpx.HTTPError:
            time.sleep(0.3)
    raise AssertionError(f"{url} did not come back")


def _spellings(value: str) -> set[str]:
    """As it is; as JSON, URLs and Python spell it; and without what may group it."""
    escaped = json.dumps(value)[1:-1]
    return {value, escaped, quote(value), repr(value)[1:-1], value.replace(" ", ""), ascii(value)[1:-1]}


def test_no_log_holds_anything_that_a_customer_said_of_themselves(run: Run) -> None:
    found = [
        (name, kind, line[:300])
        for name, log in run.logs().items()
        for kind, value in run.values.items()
        for line in log.splitlines()
        if any(spelling in line for spelling in _spellings(value))
    ]
    assert found == []


def test_every_process_has_a_log_and_the_faults_are_in_it(run: Run) -> None:
    logs = run.logs()
    assert {"gateway.log", "rasa.log", "actions.log"} <= logs.keys()
    assert "Traceback" in logs["rasa.log"]
    assert "Traceback" in logs["actions.log"]
    assert "WARNING" in logs["gateway.log"]


def test_no_secret_stands_in_a_log_or_on_a_command_line(run: Run) -> None:
    settings = run.stack.settings
    secrets = [settings.channel_secret, settings.staff_token, settings.customer_token_secret]
    written = "\n".join([*run.logs().values(), *(command for _, command in _processes())])
    assert [one for one in secrets if one.get_secret_value() in written] == []


def test_no_conversations_id_stands_in_a_log(run: Run) -> None:
    written = "\n".join(run.logs().values())
    assert "talk-in-chinese-0001" not in written


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_model_is_asked_about_rules_and_talks_without_who_asks(run: Run, language: str) -> None:
    asked = [json.dumps(request["messages"], ensure_ascii=False) for request in run.asked]
    assert [one for one in asked if QUESTIONS[language] in one]
    said = {**ZH, **EN}.values()
    assert [(value, one[-400:]) for value in said for one in asked if value in one] == []


def test_the_metrics_name_nobody(run: Run) -> None:
    shown = httpx.get(f"{run.stack.gateway_url}/metrics", timeout=_WAIT_S).text
    assert [value for value in run.values.values() if value in shown] == []
    assert "talk-in-chinese-0001" not in shown


def test_the_picture_of_the_numbers_is_kept_without_them(run: Run) -> None:
    kept = asyncio.run(_lines(run.stack))
    assert kept
    assert [value for value in (ZH["mobile"], ZH["bank_card"], ZH["id_card"]) if value in kept] == []


async def _lines(stack: Stack) -> str:
    shop = open_shop(stack.settings)
    async with shop.store.engine.connect() as connection:
        rows = await connection.execute(sa.select(attachments.c.reading))
    await shop.close()
    return json.dumps([row.reading for row in rows], ensure_ascii=False)
