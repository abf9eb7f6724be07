"""Everything about one customer as a zip file: data for machines, and a page to read.

    index.html         in the customer's language: who, orders, refunds, every conversation word for word
    data/<table>.json  the rows of each table of the inventory, without the staff's names
    pictures/<id>.jpg  as they are kept: private numbers covered

Conversations in which another customer is known too are left out, and counted on the page.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from support.model import Customer, Language, Money
from support.privacy.erasure import Subject, scope_of
from support.privacy.inventory import HOLDINGS
from support.privacy.places import Places
from support.services import staff
from support.store import LedgerEntry, Scope, Unit

_FOLDER = Path(__file__).parent
_TOLD = ("message", "customer")  # kinds of events that are words between people
_WORDS: Mapping[str, Sequence[str]] = yaml.safe_load((_FOLDER / "export.yml").read_text(encoding="utf-8"))
_page = Environment(
    loader=FileSystemLoader(_FOLDER), autoescape=True, undefined=StrictUndefined, trim_blocks=True
).get_template("export.html")

Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class Said:
    """One line of a conversation. `who`: customer, assistant, or the name that the customer was shown."""

    who: str
    at: datetime
    text: str
    pictures: Sequence[str] = ()


@dataclass(frozen=True)
class Gathered:
    """What is held about a customer: rows by table, conversations as lines, and how many were left out."""

    customer: Customer
    tables: Mapping[str, Rows]
    talks: Mapping[str, Sequence[Said]]
    shared: int

    @property
    def pictures(self) -> list[str]:
        return [row["attachment_id"] for row in self.tables.get("attachments", ())]


async def export(
    places: Places,
    customer_id: str,
    path: Path,
    by: str,
    now: datetime,
    *,
    shop_names: Mapping[Language, str],
    zone: ZoneInfo,
) -> Gathered:
    """Write the file, and into the log that somebody did; CannotErase `unknown` or `erased` for nobody."""
    async with places.store.reading() as unit:
        gathered = await _gather(unit, customer_id)
    async with places.store.writing() as unit:
        pseudonym = await unit.pseudonyms.of(customer_id)
        await staff.note(unit, by, "export_customer", now, pseudonym=pseudonym)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("index.html", _html(gathered, now, shop_names, zone))
        for table, rows in gathered.tables.items():
            file.writestr(
                f"data/{table}.json", json.dumps(rows, ensure_ascii=False, indent=1, default=_plain)
            )
        for attachment_id in gathered.pictures:
            picture = await places.pictures.get(attachment_id)
            if picture is not None:
                file.writestr(f"pictures/{attachment_id}.jpg", picture)
    return gathered


async def _gather(unit: Unit, customer_id: str) -> Gathered:
    scope = await scope_of(unit, Subject("customer", customer_id))
    customer = await unit.customers.get(customer_id)
    assert customer  # as `scope_of` has found
    shared = await unit.personal.shared(scope)
    own = replace(scope, conversation_ids=[one for one in scope.conversation_ids if one not in shared])
    tables = {}
    for one in HOLDINGS:
        if one.shown and one.table != "ledger":
            tables[one.table] = await unit.personal.rows(one.table, one.shown, own)
    tables["conversation_events"] = [row for row in tables["conversation_events"] if row["kind"] in _TOLD]
    tables["ledger"] = await _decisions(unit, own)
    filled = {table: rows for table, rows in tables.items() if rows}
    return Gathered(customer, filled, _talks(tables), len(shared))


async def _decisions(unit: Unit, scope: Scope) -> Rows:
    entries = [entry for order_id in scope.order_ids for entry in await unit.ledger.of_order(order_id)]
    return [_decision(entry) for entry in sorted(entries, key=lambda entry: entry.at)]


def _decision(entry: LedgerEntry) -> dict[str, Any]:
    shown = {
        name: getattr(entry, name)
        for name in ("at", "action", "order_id", "rule", "outcome", "inputs", "result")
    }
    return shown | {"actor": entry.actor.partition(":")[0]}


# --- conversations -----------------------------------------------------------------------------------------


def _talks(tables: Mapping[str, Rows]) -> dict[str, list[Said]]:
    """By conversation, in the order of their beginnings, what was said."""
    found: dict[str, list[Said]] = {}
    for row in tables["messages"]:
        lines = found.setdefault(row["conversation_id"], [])
        lines.append(Said("customer", row["received_at"], row["text"], row["attachments"]))
        for answer in (row["reply"] or {}).get("messages", ()):
            if answer.get("text"):
                lines.append(Said("assistant", row["received_at"], answer["text"]))
    for row in tables["conversation_events"]:
        payload = row["payload"]
        if row["kind"] == "message" and payload.get("text"):
            who = payload.get("from") or "assistant"
            found.setdefault(row["conversation_id"], []).append(Said(who, row["at"], payload["text"]))
    told = {id: sorted(lines, key=lambda line: line.at) for id, lines in found.items()}
    return dict(sorted(told.items(), key=lambda talk: talk[1][0].at))


# --- the page ----------------------------------------------------------------------------------------------


def _html(gathered: Gathered, now: datetime, shop_names: Mapping[Language, str], zone: ZoneInfo) -> str:
    language: Language = "en" if gathered.customer.language == "en" else "zh"

    def t(key: str, **values: Any) -> str:
        return _WORDS[key][language == "en"].format(**values)

    def when(at: datetime) -> str:
        return at.astimezone(zone).strftime("%Y-%m-%d %H:%M")

    return _page.render(
        t=t,
        when=when,
        now=now,
        shop_name=shop_names[language],
        language=language,
        customer=gathered.customer,
        tables=gathered.tables,
        talks=gathered.talks,
        shared=gathered.shared,
        known_as=("customer", "assistant"),
        orders=_with_totals(gathered.tables.get("orders", ()), "total_minor"),
        refunds=_with_totals(gathered.tables.get("refunds", ()), "amount_minor"),
        pictures=gathered.pictures,
    )


def _with_totals(rows: Sequence[Mapping[str, Any]], column: str) -> list[dict[str, Any]]:
    return [
        {**row, "money": f"{Money(row[column], row['currency']).decimal} {row['currency']}"} for row in rows
    ]


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} in a table that is exported")
