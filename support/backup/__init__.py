"""Everything that a shop would miss, in one file, and back: `make backup`, `make restore FILE=…`.

A backup is a tar.gz: `manifest.json` (what, how many, SHA-256 of each), `tables/*.jsonl` and
`tracker/events.jsonl` (rows, whichever database they came from), `pictures/` (what customers sent), `shop/`
(documents, catalogue pictures, rules) and `models/` (the dialogue models). It is made while the system runs:
the database as of one moment, then the pictures, of which each was there before its row.

It is restored into an empty database of either kind, so that a shop moves from SQLite to PostgreSQL with it.
Nothing is written before every file of the backup has been checked. Not in it: secrets, logs, the language
model's adapters, what can be built anew.
"""

from support.backup.archive import MANIFEST, BackupError, Manifest
from support.backup.keep import back_up
from support.backup.restore import restore

__all__ = ["MANIFEST", "BackupError", "Manifest", "back_up", "restore"]
