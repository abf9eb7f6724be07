"""How well a model answers, and whether another one answers better: `make adapters ARGS="evaluate NAME"`.

* `rows` - the questions: the frozen part of a shop's dataset, or the project's own set for the demo shop.
* `ask` - asks two models the same and keeps the answers, so that a run that was stopped goes on.
* `judge` - what is right and wrong with one answer, by the rules that guard the customers; no model judges.
* `compare` - both models' judgements, pair by pair: differences, intervals, a verdict.
* `run` - all of it in a row.
* `report` - the table, the JSON that a promotion asks for, and the page with the worst regressions.
"""
