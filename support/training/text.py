"""A customer's words on their way into files that stay: cleaned, without personal data, comparable.

Pure. Numbers are replaced by those that the project's own examples use, and by nothing else: to the
classifier (`assistant/text.py`) every order number is the same, so nothing is lost by it.
"""

from __future__ import annotations

import re
import unicodedata

from support import guard
from support.personal import Known, stand_ins

LONGEST = 500

# What Rasa would read as an entity: a bracket that another one follows at once.
_ENTITY = re.compile(r"\](?=[(\[{])")
# In a file of ASCII alone, Rasa decodes these as characters.
_ESCAPE = re.compile(r"\\(?=[uUN])")
# What YAML does not allow anywhere.
_NO_YAML = re.compile("[\ufffe\uffff]")


def clean(text: str) -> str:
    """One line that means the same to Rasa inside an `examples: |` block as it did in the chat."""
    line = _NO_YAML.sub("", guard.neutralise(text))
    return _ESCAPE.sub(r"\\ ", _ENTITY.sub("] ", line)).strip()


def example(text: str, known: Known | None = None) -> str:
    """What an example for the training says: clean and without personal data."""
    return clean(stand_ins(clean(text), known))


def key(text: str) -> str:
    """What two examples have in common that differ in case, width, blanks, punctuation or a number only."""
    folded = unicodedata.normalize("NFKC", stand_ins(text)).lower()
    return re.sub(r"[\W_]", "", folded) or text.strip()
