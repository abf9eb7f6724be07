"""Photos for tests of the evidence dossier: natural-looking scenes, and papers with a code, drawn here."""

from __future__ import annotations

import io
import uuid
from datetime import datetime
from typing import Any

import numpy as np
from PIL import Image, ImageDraw

from support.store import Attachment, Store
from support.vision.fingerprint import take
from tests.records import NOW


def scene(seed: int, width: int = 900, height: int = 700) -> Image.Image:
    """Things of many colours lying about on a patterned table, the same for the same seed."""
    rng = np.random.default_rng(seed)
    base = rng.integers(60, 200, 3)
    rough = rng.normal(0, 26, (height // 20, width // 20, 3)) + base
    image = Image.fromarray(rough.clip(0, 255).astype(np.uint8)).resize(
        (width, height), Image.Resampling.BICUBIC
    )
    pen = ImageDraw.Draw(image)
    for _ in range(60):
        x, y = (int(side * rng.random()) for side in (width, height))
        across, down = (int(part) for part in rng.integers(20, 130, 2))
        colour = tuple(int(part) for part in rng.integers(0, 255, 3))
        if rng.random() < 0.5:
            pen.ellipse([x, y, x + across, y + down], fill=colour)
        else:
            pen.polygon([(x, y), (x + across, y + down // 3), (x + across // 2, y + down)], fill=colour)
    return image


def another_view(seed: int, code: str = "") -> Image.Image:
    """The same scene from another place, perhaps with a paper that a code is written on."""
    image = scene(seed)
    width, height = image.size
    corners = (0.05 * width, 0.02 * height, 0.0, 0.97 * height, 0.93 * width, height, width, 0.08 * height)
    seen = image.transform(image.size, Image.Transform.QUAD, corners, Image.Resampling.BICUBIC).rotate(7)
    return with_paper(seen, code) if code else seen


def with_paper(image: Image.Image, code: str) -> Image.Image:
    """A white sheet with large letters in the lower right corner."""
    image = image.copy()
    pen = ImageDraw.Draw(image)
    left, top = image.width - 380, image.height - 210
    pen.rectangle([left, top, left + 350, top + 180], fill="white", outline="#888888", width=3)
    pen.text((left + 175, top + 90), code, fill="#1b2a6b", font_size=110, anchor="mm")
    return image


def as_jpeg(image: Image.Image, quality: int = 85, **options: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=quality, **options)
    return buffer.getvalue()


async def sent(
    store: Store,
    conversation_id: str,
    image: Image.Image,
    lines: tuple[str, ...] = (),
    at: datetime = NOW,
    **metadata: str,
) -> Attachment:
    """The picture, as if it had come in through the door, where `lines` were read in it."""
    photo = Attachment(
        attachment_id=uuid.uuid4().hex,
        conversation_id=conversation_id,
        kind="photo",
        media_type="image/jpeg",
        width=image.width,
        height=image.height,
        sha256="0" * 64,
        reading={"lines": list(lines), "claim": None, "masked": []},
        metadata=metadata,
        created_at=at,
    )
    async with store.writing() as unit:
        await unit.attachments.add(photo)
        await unit.evidence.add_fingerprint(photo.attachment_id, take(image).to_bytes(), at)
    return photo
