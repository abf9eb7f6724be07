"""A model server that writes slowly enough to be caught in the middle of it."""

from __future__ import annotations

from typing import Any

from tests.fakes_model import FakeModel, Script

# It cites the passage and claims nothing that the gate would have to look up.
_WORDS = ("您可以", "看看", "我们的", "说明", "，里面", "写得", "很清楚", " [1]", "。")
_PAUSE_S = 0.12


class WritingModel(FakeModel):
    """Answers every question alike, word by word."""

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    def next_script(self, request: dict[str, Any]) -> Script:
        return Script(_WORDS, pause_s=_PAUSE_S)
