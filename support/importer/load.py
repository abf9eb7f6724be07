"""The import from end to end: read, check, write in one transaction, then documents and the search index."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path

from support import policy as policies
from support.guard import rules as content_rules
from support.guard.content import Content
from support.guard.rules import RulesError
from support.importer import addressed, documents, erased
from support.importer.check import Checked, Record, check, references
from support.importer.csvfile import CsvFile, read
from support.importer.kinds import KINDS
from support.importer.report import Loaded, Problem, Report, Severity
from support.importer.row import Conventions
from support.knowledge import Knowledge
from support.model import OrderStatus
from support.policy import Policy, PolicyError
from support.services import product_search
from support.services.evidence import catalogue
from support.store import Store, Unit
from support.store.imports import Imports, Written

Progress = Callable[[str, int, int], None]

# Each state is later than those before it.
_LATER = list(OrderStatus)
_PRODUCTS_AT_ONCE = 500
_WEB_ADDRESS = re.compile("(https?|data):")


class NothingToImportError(ValueError):
    """The folder is not there, or holds nothing that an import reads."""


async def import_folder(
    folder: Path,
    store: Store,
    knowledge: Knowledge,
    shop: Path,
    *,
    skip_bad: bool = False,
    restore_erased: bool = False,
    progress: Progress = lambda file, done, total: None,
) -> Report:
    """Load `folder` into the database, its documents into `shop` and into the search index.

    See the package for what is read. NothingToImportError for a wrong folder; what is wrong in the files is
    in the report. Customers who were erased are left out, or with `restore_erased` taken in again. `progress`
    is told the file, and how many of how many rows are done.
    """
    started = time.monotonic()
    report = Report()
    files = _read_files(folder, report)
    policy = _policy(folder, shop, report)
    report.notices += addressed.notices(folder, _content(folder, shop, report))
    checked = await _check(files, policy, store)
    report.problems += checked.problems
    unreadable = await documents.problems(knowledge, folder)
    report.problems += unreadable
    report.notices += _missing_pictures(checked, folder, shop)
    if not report.blocks(skip_bad):
        async with store.writing() as unit:
            # Two imports at once would wait for each other's rows in turn.
            await unit.serialise("import")
            if restore_erased:
                await erased.take_back(unit, checked)
            else:
                report.notices += await erased.leave_out(unit, checked)
            await _write(unit, files, checked, report, progress)
        report.loaded = True
        report.copied = documents.copy(folder, shop, [one.file for one in unreadable])
        await catalogue.refresh(store, shop / "pictures", datetime.now(UTC))
        report.documents = await documents.refresh(knowledge, shop)
    report.seconds = time.monotonic() - started
    return report


def _read_files(folder: Path, report: Report) -> dict[str, CsvFile]:
    names = {kind.file for kind in KINDS}
    readable = names | {documents.POLICY, documents.CONTENT, *documents.FOLDERS}
    if not folder.is_dir():
        raise NothingToImportError(f"{folder} is not a folder")
    there = {path.name for path in folder.iterdir()}
    if not there & readable:
        raise NothingToImportError(f"{folder} has none of {', '.join(sorted(readable))}")
    for name in sorted(there - names):
        if name.lower().endswith((".csv", ".xlsx", ".xls")):
            report.notices.append(f"{name} is not read: an import reads {', '.join(sorted(names))}.")
    files = {kind.table: read(folder / kind.file, kind.required) for kind in KINDS if kind.file in there}
    report.notices += [notice for file in files.values() for notice in file.notices]
    if "skus" in files and "stock" not in files["skus"].header and not files["skus"].problems:
        report.notices.append("skus.csv has no column stock: new SKUs count as sold out.")
    return files


def _policy(folder: Path, shop: Path, report: Report) -> Policy:
    """The folder's policy, else the shop's; one that is wrong is a problem of the import."""
    path = next((one for one in (folder / documents.POLICY, shop / documents.POLICY) if one.exists()), None)
    if path is None:
        return Policy()
    try:
        return policies.load(path)
    except PolicyError as error:
        message = str(error).removeprefix(f"{path}: ")
        report.problems.append(Problem(documents.POLICY, None, message, Severity.FILE))
        return Policy()


def _content(folder: Path, shop: Path, report: Report) -> Content:
    """The folder's content rules, else the shop's; wrong ones are a problem of the import."""
    path = next((one for one in (folder / documents.CONTENT, shop / documents.CONTENT) if one.exists()), None)
    try:
        return Content(content_rules.load(path))
    except RulesError as error:
        message = str(error).removeprefix(f"{path}").removeprefix(": ").strip()
        report.problems.append(Problem(documents.CONTENT, None, message, Severity.FILE))
        return Content(content_rules.load())


async def _check(files: Mapping[str, CsvFile], policy: Policy, store: Store) -> Checked:
    wanted = references(files)
    async with store.reading() as unit:
        imports = Imports(unit.connection)
        known = {table: await imports.known(table, ids) for table, ids in wanted.items()}
        currencies = await imports.currencies(known.get("orders", ()))
        known.setdefault("customers", set()).update(await erased.marked(unit, wanted))
    return check(files, Conventions(policy.currency, policy.zone, currencies), known)


def _missing_pictures(checked: Checked, folder: Path, shop: Path) -> list[str]:
    there = {
        path.relative_to(place).as_posix() for place in (folder, shop) for path in place.glob("pictures/**/*")
    }
    missing = [
        record
        for record in checked.records.get("products", [])
        if (image := record.values["image"]) and image not in there and not _WEB_ADDRESS.match(image)
    ]
    if not missing:
        return []
    first, others = missing[0], len(missing) - 1
    return [
        f"products.csv line {first.line}: the picture {first.values['image'][:80]} is not there"
        f"{f', nor are {others:,} others' if others else ''}; "
        "pictures are named by their path in the folder, as in pictures/P1.jpg."
    ]


async def _write(
    unit: Unit, files: Mapping[str, CsvFile], checked: Checked, report: Report, progress: Progress
) -> None:
    imports = Imports(unit.connection)
    for kind in KINDS:
        if kind.table not in files:
            continue
        file, records = files[kind.table], checked.records[kind.table]
        if kind.table == "orders":
            report.notices += await _keep_what_we_ended(imports, records)
        rows = [record.values for record in records]

        def told(done: int, name: str = file.name, total: int = len(rows)) -> None:
            progress(name, done, total)

        written = await imports.upsert(kind.table, rows, kind.stated(file.header), told)
        report.rows[file.name] = _loaded(file, records, written)
    await _make_findable(unit, checked, progress)


def _loaded(file: CsvFile, records: list[Record], written: Written) -> Loaded:
    return Loaded(len(file.rows), len(file.rows) - len(records), written.new, written.changed)


async def _keep_what_we_ended(imports: Imports, records: Iterable[Record]) -> list[str]:
    """Change records that would undo a cancellation or refund of ours: the export is older than it."""
    await imports.hold_orders()
    ended = await imports.ended_by_us()
    notices = []
    for record in records:
        ours = ended.get(record.values["order_id"])
        stated = OrderStatus(record.values["status"])
        if ours and _LATER.index(stated) < _LATER.index(ours):
            record.values["status"] = ours.value
            notices.append(
                f"orders.csv line {record.line}: order {record.values['order_id']} stays {ours}, as the "
                f"ledger says that Shopclerk decided; the file has it as {stated}."
            )
    return notices


async def _make_findable(unit: Unit, checked: Checked, progress: Progress) -> None:
    rows = checked.records.get("products", []) + checked.records.get("skus", [])
    ids = list(dict.fromkeys(row.values["product_id"] for row in rows))
    for start in range(0, len(ids), _PRODUCTS_AT_ONCE):
        products = await unit.products.get_many(ids[start : start + _PRODUCTS_AT_ONCE])
        await product_search.index(unit, products)
        progress("words of products", start + len(products), len(ids))
    await unit.product_index.settle()
