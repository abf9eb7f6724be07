"""rasa-sdk loads a module of this name when the action server starts: it adds `GET /metrics` there.

The server listens on loopback only; the gateway's `/metrics` shows what is counted here beside its own.
"""

from __future__ import annotations

import sys
from typing import Any

import pluggy
from sanic import Request, Sanic
from sanic.response import HTTPResponse, text

from actions.turn import shop

_hook = pluggy.HookimplMarker("rasa_sdk")


def init_hooks(manager: pluggy.PluginManager) -> None:
    """Called by rasa-sdk."""
    manager.register(sys.modules[__name__])


@_hook
def attach_sanic_app_extensions(app: Sanic[Any, Any]) -> None:
    """Called for each worker's application."""
    app.add_route(_metrics, "/metrics")


async def _metrics(_request: Request) -> HTTPResponse:
    return text(shop().model_meters.text())
