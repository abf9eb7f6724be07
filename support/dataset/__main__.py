"""`make dataset [OUT=var/dataset] [SINCE=2026-01-01]`: export the desk's feedback as a training set.

    python -m support.dataset [--out FOLDER] [--since DAY] [--no-pictures] [--ratings]
    python -m support.dataset --check FOLDER

`--ratings` also takes what customers rated 4 or 5 stars (or 1 or 2) without a person, as weak verdicts on
each answer. `--check` ends with 1 when something is wrong with a folder.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from datetime import UTC, date, datetime
from pathlib import Path

from support.bootstrap import open_shop
from support.dataset.cases import Origin
from support.dataset.check import problems
from support.dataset.export import Export, Report, count
from support.dataset.folder import KINDS, MANIFEST, Folder, FolderError
from support.model import Language
from support.prompts import Persona
from support.settings import read_settings
from support.store.migrate import migrate
from support.var_folder import keep_private

_EVERY_S = 5.0
_NOTHING = """\
There is nothing to export{since}: nobody has judged an answer.
  * Reviewers judge at the desk, under Review: open a conversation, and at an answer choose Right, Wrong or
    Write a better one (keys: a, then y, x or b).
  * Customers judge with the thumbs below an answer on the chat page.
  * Agents judge by sending the suggested reply of a handover as it is, or changed.
Verdicts on tests and testers' conversations do not count. With --ratings (RATINGS=1), customers' stars do."""
_WHY = {
    "duplicate": "say the same as a row that is there already",
    "unsupported": "have figures or promises that their own sources do not state (the claim gate)",
    "no_reference": "are in the evaluation part and wrong, and nobody wrote what would be right",
    "no_sources": "stand on nothing that was kept",
    "no_words": "are on an answer without words",
    "passage_gone": "cite a passage that the documents no longer have",
    "picture_gone": "have a picture that is no longer there",
    "pictures_off": "have a picture, and pictures are left out",
}


class _Progress:
    """A line now and then, on the terminal's error stream."""

    def __init__(self) -> None:
        self._said_at = time.monotonic()

    def __call__(self, done: int, total: int) -> None:
        if time.monotonic() - self._said_at >= _EVERY_S:
            self._said_at = time.monotonic()
            print(f"  {done:,} of {total:,} looked at …", file=sys.stderr, flush=True)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="support.dataset", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--out", type=Path, metavar="FOLDER", help="where to (var/dataset)")
    parser.add_argument(
        "--since", type=date.fromisoformat, metavar="DAY", help="verdicts of that day and later"
    )
    parser.add_argument("--no-pictures", action="store_true", help="leave out what was said about pictures")
    parser.add_argument("--ratings", action="store_true", help="count customers' stars as weak verdicts")
    parser.add_argument("--check", type=Path, metavar="FOLDER", help="verify a data set")
    return parser.parse_args()


async def _export(arguments: argparse.Namespace) -> int:
    settings = read_settings()
    keep_private(settings.var)
    shop = open_shop(settings)
    since = arguments.since or date(1970, 1, 1)
    personas: dict[Language, Persona] = {
        "zh": Persona(settings.shop_name, settings.persona),
        "en": Persona(settings.shop_name_en, settings.persona),
    }
    origin = Origin(
        store=shop.store,
        knowledge=shop.knowledge,
        personas=personas,
        since=datetime.combine(since, datetime.min.time(), UTC),
        rated=arguments.ratings,
    )
    try:
        await migrate(shop.store)  # records that an older version wrote
        if not await count(origin):
            print(_NOTHING.format(since=f" since {since}" if arguments.since else ""))
            return 1
        path = arguments.out or settings.var / "dataset"
        with Folder(path) as folder:
            pictures = None if arguments.no_pictures else shop.pictures
            report = await Export(origin, pictures, folder).run(shop.clock(), _Progress())
    except FolderError as error:
        print(error)
        return 2
    finally:
        await shop.close()
    _tell(path, report)
    return 0


def _tell(path: Path, report: Report) -> None:
    counts = report.manifest["counts"]
    verdicts = ", ".join(f"{number:,} of {judge}s" for judge, number in sorted(report.judged.items()))
    print(f"{path / MANIFEST}\n\nVerdicts: {verdicts or 'none that is new'}.\n")
    print(f"{'rows':<12}{'train':>8}{'dev':>8}")
    for kind in KINDS:
        print(f"{kind:<12}{counts[f'{kind}.train.jsonl']:>8,}{counts[f'{kind}.dev.jsonl']:>8,}")
    print(f"evaluation: {counts['evaluation.jsonl']:,} rows; pictures: {counts['images']:,}")
    if report.left_out:
        print("\nLeft out, because they")
    for reason, number in report.left_out.most_common():
        print(f"{number:>8,}  {_WHY[reason]}")
    for refusal in report.refusals:
        print(f"          {'; '.join(refusal.claims)}  ->  /desk/review/{refusal.conversation_id}")


def _check(folder: Path) -> int:
    wrong = 0
    for wrong, problem in enumerate(problems(folder), 1):  # noqa: B007
        print(problem)
    print(f"{folder}: {wrong} problems" if wrong else f"{folder}: all is well")
    return 1 if wrong else 0


def main() -> int:
    arguments = _arguments()
    return _check(arguments.check) if arguments.check else asyncio.run(_export(arguments))


if __name__ == "__main__":
    sys.exit(main())
