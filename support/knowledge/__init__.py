"""Retrieval over the shop's documents: LanceDB, embedded; full text always, vectors when there is an
embedder.

* `library` - `Knowledge`, the interface. `importer` - what a re-import does.
* `formats`, `passages` - from files to passages. `text`, `synonyms` - from text to tokens.
* `index` - the table on disk. `ranking` - the order of hits, and whether there is an answer.
* `embedder`, `reranker` - optional: dense vectors, and a second reading of what was found.
* `synonyms.yml` - for the shop to edit.
"""

from support.knowledge.embedder import Embedder
from support.knowledge.importer import Refreshed
from support.knowledge.library import Knowledge
from support.knowledge.passages import Passage, Problem
from support.knowledge.ranking import is_answer
from support.knowledge.reranker import Reranker

__all__ = ["Embedder", "Knowledge", "Passage", "Problem", "Refreshed", "Reranker", "is_answer"]
