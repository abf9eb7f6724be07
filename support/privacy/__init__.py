"""People's data: where it is, how long it is kept, and how one customer's is handed out and erased.

    inventory    every table and kind of file that holds such data
    places       what the rest works on: `places_of(shop)`
    retention    removes what is older than the settings say; a job of the gateway, and `make retention`
    export       everything about one customer as a zip file
    erasure      removes one customer, or one stranger's conversation

The decisions behind it are in `docs/decisions/0026-data-life.md`.
"""

from support.privacy.places import Places as Places
from support.privacy.places import places_of as places_of
