"""A recording to be written down: a form of one file and few fields, read within limits and built anew."""

from __future__ import annotations

from aiohttp import BodyPartReader, FormData, web

from llm_server.proxy.errors import Refused, bad_request
from llm_server.proxy.options import Limits

_FIELDS = frozenset({"model", "language", "prompt", "hotwords", "response_format", "temperature", "stream"})
_LONGEST_FIELD = 4096


async def form(request: web.BaseRequest, limits: Limits) -> tuple[FormData, bool]:
    """The form for the engine, and whether its answer is a stream; Refused for anything else in it."""
    form, streams, heard = FormData(), False, False
    try:
        async for part in await request.multipart():
            name = part.name if isinstance(part, BodyPartReader) else None
            if name == "file":
                data = await _within(part, limits.audio)
                form.add_field("file", data, filename="speech", content_type="application/octet-stream")
                heard = True
            elif name in _FIELDS:
                value = (await _within(part, _LONGEST_FIELD)).decode()
                form.add_field(name, value)
                streams = streams or (
                    name == "stream" and value.lower() in ("true", "1", "on", "yes", "t", "y")
                )
            else:
                raise bad_request("field_refused", f"{str(name)[:64]!r} is not accepted: unknown here")
    except ValueError:
        raise bad_request("not_a_form", "the body is not a valid form") from None
    if not heard:
        raise bad_request("field_invalid", "'file' is missing")
    return form, streams


async def _within(part: BodyPartReader, most: int) -> bytes:
    data = bytearray()
    while chunk := await part.read_chunk():
        data += chunk
        if len(data) > most:
            raise Refused(413, "too_large", f"more than {most} bytes in {part.name!r}")
    return bytes(data)
