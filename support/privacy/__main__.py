"""The commands of `make retention`, `make export-customer` and `make erase-customer`.

    python -m support.privacy retention [--dry-run]
    python -m support.privacy export --customer C1001 [--out FILE]
    python -m support.privacy erase --customer C1001 [--reason asked] [--yes]
    python -m support.privacy erase --conversation ID [--yes]

They work beside the running system. Each ends with 1 when it could not do what was asked; a dry run, which
changes nothing at all, with 2 when the database is not ready for it.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Mapping
from pathlib import Path

from support.bootstrap import Shop, open_shop
from support.privacy import erasure, export, retention
from support.privacy.erasure import CannotErase, Subject
from support.privacy.places import Places, places_of
from support.services import staff
from support.settings import Settings, read_settings
from support.store import DatabaseUnavailable
from support.store.migrate import migrate, schema_state
from support.var_folder import keep_private

_WHY = {
    "unknown": "Nothing is held about {id}.",
    "erased": "This was erased already, on {day}.",
    "open": "The conversation {conversation} waits for a person or has one. End it at the desk first.",
    "review": "The refund {refund} waits for somebody's decision. Decide it at the desk first.",
    "busy": "A message of the conversation {conversation} is being answered. Try again in a moment.",
}
_NOT_READY = {
    "none": "There is no database yet, so nothing would go.",
    "old": "The database has another version's schema, and a dry run does not migrate it: `make run` does.",
}


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="support.privacy", description=(__doc__ or "").split("\n")[0])
    commands = parser.add_subparsers(dest="command", required=True)
    sweep = commands.add_parser("retention", help="remove what is older than the settings say")
    sweep.add_argument("--dry-run", action="store_true", help="only say what that would be")
    out = commands.add_parser("export", help="everything about a customer, as a zip file")
    out.add_argument("--customer", required=True, metavar="ID")
    out.add_argument("--out", type=Path, metavar="FILE")
    away = commands.add_parser("erase", help="remove everything about a customer or in a conversation")
    who = away.add_mutually_exclusive_group(required=True)
    who.add_argument("--customer", metavar="ID")
    who.add_argument("--conversation", metavar="ID")
    away.add_argument("--reason", choices=erasure.REASONS, default="asked")
    away.add_argument("--yes", action="store_true", help="do not ask")
    return parser.parse_args()


async def _run(arguments: argparse.Namespace) -> int:
    settings = read_settings()
    if arguments.command == "retention" and arguments.dry_run:
        return await _dry_run(settings, arguments)
    keep_private(settings.var)
    shop = open_shop(settings)
    try:
        await migrate(shop.store)
        places = places_of(shop)
        for one in await erasure.finish_all(places, shop.clock()):
            print(f"Erasure {one.id} of {one.at:%Y-%m-%d} had been broken off; it is done now.")
        return await _COMMANDS[arguments.command](shop, places, arguments)
    except CannotErase as error:
        print(_WHY[error.code].format(**error.values))
        return 1
    finally:
        await shop.close()


async def _dry_run(settings: Settings, arguments: argparse.Namespace) -> int:
    if problem := _NOT_READY.get(await schema_state(settings.database_url)):
        print(problem)
        return 2
    shop = open_shop(settings)
    try:
        return await _retention(shop, places_of(shop), arguments)
    finally:
        await shop.close()


async def _retention(shop: Shop, places: Places, arguments: argparse.Namespace) -> int:
    kept = retention.periods(shop.settings)
    done = await retention.sweep(places, kept, shop.clock(), dry_run=arguments.dry_run)
    days = {one.kind: one.days for one in kept}
    print(f"{'kind':<22}{'days':>8}{'would go' if arguments.dry_run else 'removed':>12}")
    for kind in [*days, "files_without_rows"]:
        limit = "for ever" if days.get(kind) == 0 else f"{days.get(kind, '')}"
        print(f"{kind:<22}{limit:>8}{done.get(kind, 0):>12,}")
    return 0


async def _export(shop: Shop, places: Places, arguments: argparse.Namespace) -> int:
    path = arguments.out or Path(f"customer-{arguments.customer.lstrip('#')}.zip")
    if path.exists():
        print(f"{path} exists already: name another file")
        return 1
    gathered = await export.export(
        places,
        arguments.customer,
        path,
        staff.SYSTEM,
        shop.clock(),
        shop_names={"zh": shop.settings.shop_name, "en": shop.settings.shop_name_en},
        zone=shop.policy.zone,
    )
    print(f"{path}: {len(gathered.talks)} conversations, {len(gathered.pictures)} pictures")
    if gathered.shared:
        print(f"Left out: {gathered.shared} conversations in which another customer is known too.")
    return 0


async def _erase(shop: Shop, places: Places, arguments: argparse.Namespace) -> int:
    if arguments.customer:
        subject = Subject("customer", arguments.customer)
    else:
        subject = Subject("conversation", arguments.conversation)
    _, counts = await erasure.held(shop.store, subject)
    print(f"Held about {subject.kind} {subject.id}:")
    _tell(counts)
    if not arguments.yes and not _confirmed(subject.id):
        print("Nothing was erased.")
        return 1
    done = await erasure.erase(places, subject, staff.SYSTEM, arguments.reason, shop.clock())
    print(f"Erased (number {done.id}).", end=" ")
    print("Orders, refunds and the ledger stay under a pseudonym." if done.pseudonym else "")
    return 0


def _tell(counts: Mapping[str, int]) -> None:
    for table, count in counts.items():
        print(f"  {table:<24}{count:>8,}")


def _confirmed(id: str) -> bool:
    print("This cannot be undone. Type the id to go on: ", end="", flush=True)
    return sys.stdin.readline().strip() == id


_COMMANDS = {"retention": _retention, "export": _export, "erase": _erase}


def _main() -> int:
    try:
        return asyncio.run(_run(_arguments()))
    except DatabaseUnavailable as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(_main())
