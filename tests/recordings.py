"""Recordings for the tests: a tone, as WAV."""

from __future__ import annotations

import io
import math
import struct
import wave


def tone(seconds: float = 1.0, *, rate: int = 16_000, channels: int = 1, sample_bytes: int = 2) -> bytes:
    """A tone that swells and fades, in every channel."""
    count = int(seconds * rate)
    levels = (0.3 * math.sin(i / 9) * math.sin(i / 4000) for i in range(count))
    if sample_bytes == 2:
        samples = b"".join(struct.pack("<h", int(32_767 * level)) * channels for level in levels)
    else:
        samples = b"".join(bytes([int(128 + 127 * level)]) * channels for level in levels)
    file = io.BytesIO()
    with wave.open(file, "wb") as written:
        written.setnchannels(channels)
        written.setsampwidth(sample_bytes)
        written.setframerate(rate)
        written.writeframes(samples)
    return file.getvalue()
