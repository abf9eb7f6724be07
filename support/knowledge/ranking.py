"""Ranks passages for a question, and decides whether the best one really answers it.

A question becomes terms with weights: words, stems, character pairs, and the concepts of the synonym file. Rare terms
weigh more (inverse document frequency over the shop's own passages). A passage's score is the weighted share of the
question's terms that it covers, from 0 to 1; a term counts for more in the title or heading than in the text, and a
little where only the rest of the article has it. So one number both ranks and says how much of the question is met.
"""

from __future__ import annotations
