"""Personal data: the one place that says what it looks like, finds it, and puts something in its place.

    find(text, known)         places, kinds and scores
    mask(text)                a word for each kind, for logs, prompts and whoever needs no value
    keep_last4(text)          the same with the last four places of numbers, to compare them
    Masker(key, known)        consistent replacements of the same shape, for data sets
    stand_ins(text, known)    the project's own example values, for training examples
    Known                     what the records know of a customer; `records.of_customer` reads it

`shapes` and `names` are the tables. `engine` gives the same to Presidio, with what Presidio knows besides,
for exports. All but `engine` and `records` need the standard library only and Python 3.10: every process
masks its own log (`support.logs`).
"""

from support.personal.examples import stand_ins
from support.personal.known import Known
from support.personal.masking import keep_last4, mask, token
from support.personal.replacing import Masker, found
from support.personal.shapes import PEOPLES, Kind
from support.personal.spans import Finding, find

__all__ = [
    "PEOPLES", "Finding", "Kind", "Known", "Masker", "find", "found", "keep_last4", "mask", "stand_ins",
    "token",
]  # fmt: skip
