"""Renders the desk's pages and parts of pages.

    return page(request, "queue.html", me, items=items)            # the whole page
    return part(request, "queue.html", "items", me, items=items)   # one {% block items %} of the same file

Every template knows `me`, `t` (words), `language`, `csrf`, and the filters below. Everything is escaped.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from desk import words
from gateway.door import Door
from support.model import Language, Money
from support.services.staff import SignedIn

_FOLDER = Path(__file__).parent
_templates = Environment(
    loader=FileSystemLoader(_FOLDER / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_CURRENCY_SIGNS = {"CNY": "¥", "USD": "$", "EUR": "€", "GBP": "£"}


def page(
    request: Request, template: str, me: SignedIn | None = None, status: int = 200, **values: Any
) -> HTMLResponse:
    """A whole page. It is never kept by the browser or a proxy: it shows other people's data."""
    body = _templates.get_template(template).render(_context(request, me, values))
    return HTMLResponse(body, status, headers={"Cache-Control": "no-store"})


def part(
    request: Request, template: str, block: str, me: SignedIn, status: int = 200, **values: Any
) -> HTMLResponse:
    """One block of a page, for htmx to put in its place."""
    found = _templates.get_template(template)
    context = found.new_context(_context(request, me, values))
    body = "".join(found.blocks[block](context))
    return HTMLResponse(body, status, headers={"Cache-Control": "no-store"})


def language_of(request: Request, me: SignedIn | None) -> Language:
    """As the person chose; else as the browser asks; else as the shop speaks."""
    door: Door = request.app.state.door
    if me and me.language in ("zh", "en"):
        return "en" if me.language == "en" else "zh"
    for one in request.headers.get("accept-language", "").lower().split(","):
        if one.strip().startswith(("zh", "en")):
            return "zh" if one.strip().startswith("zh") else "en"
    return door.shop.settings.default_language


def _context(request: Request, me: SignedIn | None, values: dict[str, Any]) -> dict[str, Any]:
    door: Door = request.app.state.door
    language = language_of(request, me)
    zone = door.shop.policy.zone
    now = door.shop.clock()
    shop = door.shop.settings
    return {
        "request": request,
        "path": request.url.path,
        "me": me,
        "csrf": me.csrf if me else "",
        "language": language,
        "t": words.of(language),
        "shop_name": shop.shop_name_en if language == "en" else shop.shop_name,
        "now": now,
        "ago": lambda at: ago(at, now, language),
        "clock": lambda at: clock(at, now, zone, language),
        "config": Markup(_HTMX),  # ours, constant  # nosec B704
        **values,
    }


# No inline styles and no eval: the content security policy allows neither. A refusal's words are shown by
# desk.js, so they are not swapped into the page.
_HTMX = json.dumps(
    {"includeIndicatorStyles": False, "allowEval": False, "allowScriptTags": False, "historyCacheSize": 0}
)


def escaped(text: str) -> str:
    """Words as they may stand in a page."""
    return str(escape(text))


def money(amount: Money) -> str:
    sign = _CURRENCY_SIGNS.get(amount.currency, f"{amount.currency} ")
    return f"{sign}{amount.decimal:,}"


def ago(at: datetime, now: datetime, language: Language) -> str:
    """How long ago, short: 3 min, 2 h, 5 d."""
    seconds = max(0, int((now - at).total_seconds()))
    for size, chinese, english in ((86400, "天", "d"), (3600, "小时", "h"), (60, "分钟", "min")):
        if seconds >= size:
            return f"{seconds // size} {chinese if language == 'zh' else english}"
    return "刚刚" if language == "zh" else "now"


def clock(at: datetime, now: datetime, zone: ZoneInfo, language: Language) -> str:
    """In the shop's zone: the time today, with the day before that."""
    local, today = at.astimezone(zone), now.astimezone(zone).date()
    hours = local.strftime("%H:%M")
    if local.date() == today:
        return hours
    if local.date() == today - timedelta(days=1):
        return f"昨天 {hours}" if language == "zh" else f"yesterday {hours}"
    if language == "zh":
        return f"{local.month}月{local.day}日 {hours}"
    return f"{local.day} {local.strftime('%b')} {hours}"


_templates.filters["money"] = money
_templates.filters["iso"] = lambda at: at.astimezone(UTC).isoformat(timespec="seconds")
