"""rasa-sdk loads a module of this name when the action server starts: it adds `GET /metrics` there,
and gives each worker the log that every process of the shop has (`support.logs`).

The server listens on loopback only; the gateway's `/metrics` shows what is counted here beside its own.
"""

from __future__ import annotations

import logging
import sys
from typing import Any

import pluggy
from sanic import Request, Sanic
from sanic.response import HTTPResponse, text

from actions.turn import shop
from support import logs

log = logging.getLogger(__name__)
_hook = pluggy.HookimplMarker("rasa_sdk")


def init_hooks(manager: pluggy.PluginManager) -> None:
    """Called by rasa-sdk."""
    manager.register(sys.modules[__name__])


@_hook
def attach_sanic_app_extensions(app: Sanic[Any, Any]) -> None:
    """Called for each worker's application, in the worker; rasa-sdk has set up no log there."""
    logs.set_up(logging.WARNING)
    app.add_route(_metrics, "/metrics")
    app.register_listener(_open_documents, "before_server_start")


async def _open_documents(_app: Sanic[Any, Any]) -> None:
    """The first question must not wait for the libraries that search them (`support.lazy`)."""
    try:
        await shop().knowledge.article("", "")
    except Exception:
        # Whatever the index raises: what needs no documents is answered all the same.
        log.exception("the documents cannot be opened")


async def _metrics(_request: Request) -> HTTPResponse:
    return text(shop().model_meters.text())
