"""The doors that must not be there: Rasa and its actions, seen from another address than the loopback.

On the loopback itself they ask for a secret; what a process without it is told is checked too.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator

import httpx

from evals.trust.hostile.judge import Finding
from tests.stack import Stack

_TRY_S = 2.0
_MESSAGE = {"sender": "somebody-else-0001", "text": "/restart", "message_id": "m"}


def open_from_outside(stack: Stack) -> list[Finding]:
    """What can be reached that should not be."""
    return [*_listening(stack), *_without_the_secret(stack)]


def _listening(stack: Stack) -> Iterator[Finding]:
    ports = {"Rasa": stack.settings.rasa_port, "the action server": stack.settings.actions_port}
    for address in _own_addresses():
        for name, port in ports.items():
            with socket.socket(socket.AF_INET) as probe:
                probe.settimeout(_TRY_S)
                if probe.connect_ex((address, port)) == 0:
                    yield Finding("door", f"{name} answers on {address}")


def _own_addresses() -> set[str]:
    """This machine's addresses beside the loopback."""
    try:
        found = socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)
    except OSError:
        return set()
    return {str(one[4][0]) for one in found if not str(one[4][0]).startswith("127.")}


def _without_the_secret(stack: Stack) -> Iterator[Finding]:
    tries = (
        ("POST", "/webhooks/shopclerk/webhook", _MESSAGE),
        ("GET", "/conversations/somebody-else-0001/tracker", None),
        ("POST", "/model/parse", {"text": "hello"}),
        ("GET", "/domain", None),
    )
    with httpx.Client(base_url=stack.rasa_url, timeout=10, trust_env=False) as http:
        for method, path, body in tries:
            status = http.request(method, path, json=body).status_code
            if status < 400:
                yield Finding("door", f"Rasa answers {method} {path} with {status} to whoever asks")
