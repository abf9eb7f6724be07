"""Reads safetensors files: names, types and shapes, and whether a tensor holds anything, without a library.

The format: eight bytes (little-endian) that say how long the header is, a header of JSON that gives each
tensor's type, shape and place, and the numbers. https://github.com/huggingface/safetensors#format
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_LONGEST_HEADER = 100_000_000  # the format's own limit
# Type -> bytes of a number, how memoryview reads it, and the bits of its exponent where that is not a float.
_TYPES: dict[str, tuple[int, str, int]] = {
    "F64": (8, "d", 0),
    "F32": (4, "f", 0),
    "F16": (2, "H", 0x7C00),
    "BF16": (2, "H", 0x7F80),
}
_BUT_SIGN = 0x7FFF


class Unreadable(Exception):
    """Not a safetensors file, or not all of one; the text says what is wrong."""


@dataclass(frozen=True)
class Tensor:
    """One tensor of a file; `begin` and `end` count from the start of the file."""

    name: str
    dtype: str
    shape: tuple[int, ...]
    begin: int
    end: int


def tensors(file: Path) -> list[Tensor]:
    """What a file holds. Raises `Unreadable`, also when numbers are missing at its end."""
    size = file.stat().st_size
    with file.open("rb") as opened:
        length = int.from_bytes(opened.read(8), "little")
        if not 2 <= length <= min(_LONGEST_HEADER, size - 8):
            raise Unreadable("it does not begin as a safetensors file does")
        header = opened.read(length)
    try:
        entries = json.loads(header)
        found = [
            _tensor(name, entry, 8 + length) for name, entry in entries.items() if name != "__metadata__"
        ]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Unreadable(f"its header cannot be read ({error})") from error
    end = max((tensor.end for tensor in found), default=8 + length)
    if end != size:
        raise Unreadable(f"it has {size:,} bytes where its header promises {end:,}: copied in part?")
    return found


def _tensor(name: str, entry: dict[str, list[int] | str], data: int) -> Tensor:
    dtype, (begin, end) = str(entry["dtype"]), map(int, entry["data_offsets"])
    shape = tuple(map(int, entry["shape"]))
    if dtype in _TYPES and end - begin != math.prod(shape) * _TYPES[dtype][0]:
        raise ValueError(f"the size of {name} does not fit its shape")
    return Tensor(name, dtype, shape, data + begin, data + end)


def is_zero(file: Path, tensor: Tensor) -> bool:
    """Whether every number of it is zero, of either sign."""
    numbers, exponent = _numbers(file, tensor)
    return not any(number & _BUT_SIGN for number in set(numbers)) if exponent else not any(numbers)


def is_finite(file: Path, tensor: Tensor) -> bool:
    """Whether no number of it is infinite or none at all. Integers and unknown types are taken to be fine."""
    numbers, exponent = _numbers(file, tensor)
    if exponent:
        return all(number & exponent != exponent for number in set(numbers))
    # Neither can be summed away, infinities of both signs included; numbers of 32 bits cannot add up to one.
    return math.isfinite(sum(numbers)) if tensor.dtype != "F64" else all(map(math.isfinite, numbers))


def _numbers(file: Path, tensor: Tensor) -> tuple[memoryview[Any], int]:
    """Floats; or words of 16 bits, which Python cannot read as floats, and the bits of their exponent."""
    with file.open("rb") as opened:
        opened.seek(tensor.begin)
        data = opened.read(tensor.end - tensor.begin)
    _, code, exponent = _TYPES.get(tensor.dtype, (1, "B", 0))
    return memoryview(data).cast(code), exponent  # type: ignore[call-overload]
