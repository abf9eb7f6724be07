"""Asking Rasa for an answer, for as long as that makes sense.

While Rasa, its action server or its database is away, the same message is sent again (Rasa answers one
message id once). After a while of that, one message at a time finds out whether it is back; the others hardly
wait.
"""

from __future__ import annotations

import asyncio
import time

from gateway.incoming import Incoming, Json
from gateway.rasa import Rasa, RasaUnavailable

# Between two tries while Rasa is away; and how long one may take where that is known.
_PAUSE_S, _LAST_TRY_S = 0.7, 2.5


class Asking:
    """One a process: what one message finds out about Rasa holds for the others."""

    def __init__(self, rasa: Rasa, patience_s: float) -> None:
        self._rasa, self._patience_s = rasa, patience_s
        self._waits_for_rasa = asyncio.Lock()

    async def answer(self, incoming: Incoming, again: bool) -> list[Json]:
        """Rasa's answer, as soon as it is there; RasaUnavailable when it is away for too long.

        `again`: Rasa may have heard the message before.
        """
        if self._rasa.away_s > self._patience_s:
            if self._waits_for_rasa.locked():
                return await self._sent_within(_LAST_TRY_S, incoming, again)
            async with self._waits_for_rasa:
                return await self._sent_within(self._patience_s, incoming, again)
        return await self._sent_within(self._patience_s, incoming, again)

    async def _sent_within(self, seconds: float, incoming: Incoming, again: bool) -> list[Json]:
        until = time.monotonic() + seconds
        while True:
            left = max(until - time.monotonic(), _PAUSE_S)
            try:
                return await self._rasa.send(
                    incoming.conversation_id,
                    incoming.text,
                    incoming.message_id,
                    incoming.metadata,
                    again=again,
                    within_s=left,
                )
            except RasaUnavailable as error:
                if not error.may_pass or time.monotonic() + _PAUSE_S > until:
                    raise
            again = True
            await asyncio.sleep(_PAUSE_S)
