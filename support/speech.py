"""Speech to text by any endpoint that has OpenAI's `POST /audio/transcriptions`. Nothing is kept.

A recording is WAV with plain samples at the rate that models listen at, whatever it was before: every server
reads that, without a decoder for strangers' files, and its length stands in it.
"""

from __future__ import annotations

import io
import wave
from typing import Literal

from support.endpoint import Endpoint

LONGEST_S = 60
LARGEST_BYTES = 2_000_000
_RATE, _SAMPLE_BYTES = 16_000, 2


class SpeechError(Exception):
    """A recording that is not taken; `code` says why."""

    def __init__(self, code: Literal["empty", "too_large", "too_long", "not_speech"]) -> None:
        super().__init__(code)
        self.code = code


class Transcriber(Endpoint):
    """Writes down what is said, in whatever language that is."""

    async def transcribe(self, recording: bytes) -> str:
        """The words in one line, empty when there are none.

        Raises `SpeechError` for what `check` refuses, `EndpointUnavailable` when the endpoint gives nothing.
        """
        check(recording)
        file = ("speech.wav", recording, "audio/wav")
        answer = await self._ask(
            lambda client: client.audio.transcriptions.create(model=self.model, file=file)
        )
        return " ".join(answer.text.split())


def check(recording: bytes) -> None:
    """SpeechError unless this is speech that may be sent on: WAV, 16 bits, 16 kHz, one channel."""
    if not recording:
        raise SpeechError("empty")
    if len(recording) > LARGEST_BYTES:
        raise SpeechError("too_large")
    try:
        with wave.open(io.BytesIO(recording)) as opened:
            form = opened.getparams()
    except (wave.Error, EOFError) as error:
        raise SpeechError("not_speech") from error
    # The header may promise more than there is.
    whole = form.nframes * _SAMPLE_BYTES <= len(recording)
    if form[:3] != (1, _SAMPLE_BYTES, _RATE) or not whole:
        raise SpeechError("not_speech")
    if form.nframes == 0:
        raise SpeechError("empty")
    if form.nframes > LONGEST_S * _RATE:
        raise SpeechError("too_long")
