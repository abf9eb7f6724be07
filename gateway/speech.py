"""Speech in place of typing: a recording becomes words, which the customer checks and sends as any others.

So a word that was heard wrong asks for nothing, and everything after it is as if it had been typed.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, UploadFile

from gateway.door import Address, TheDoor
from gateway.errors import Refusal
from gateway.limits import megabytes
from gateway.schemas import ConversationId, Transcript
from support.endpoint import EndpointUnavailable
from support.speech import LARGEST_BYTES, LONGEST_S, SpeechError

router = APIRouter()

UPLOAD_PATH = "/api/chat/transcriptions"
_TRY_AGAIN_S = 15
_REFUSED: dict[str, tuple[str, str | int]] = {
    "empty": ("speech_empty", ""),
    "too_large": ("speech_too_large", megabytes(LARGEST_BYTES)),
    "too_long": ("speech_too_long", LONGEST_S),
    "not_speech": ("not_speech", ""),
}


@router.post(UPLOAD_PATH, tags=["chat"])
async def transcribe(
    door: TheDoor, address: Address, conversation_id: Annotated[ConversationId, Form()], file: UploadFile
) -> Transcript:
    """Turn a recording into words: WAV, one channel of 16 bits at 16 kHz, up to a minute.

    Nothing of it is kept, and nothing is sent on the customer's behalf.

    Where the shop has no such service: 404, and `speech_seconds` of `/api/chat/shop` is 0.
    """
    if door.shop.transcriber is None:
        raise Refusal("speech_off")
    await door.limits.check("speech", conversation_id, address)
    try:
        words = await door.shop.transcriber.transcribe(await file.read())
    except SpeechError as error:
        door.meters.recordings.labels(error.code).inc()
        code, limit = _REFUSED[error.code]
        raise Refusal(code, limit=limit) from error
    except EndpointUnavailable as error:
        door.meters.recordings.labels("unavailable").inc()
        raise Refusal("speech_busy", seconds=_TRY_AGAIN_S) from error
    door.meters.recordings.labels("written" if words else "silent").inc()
    return Transcript(text=words)
