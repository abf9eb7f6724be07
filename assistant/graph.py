"""Runs the model's graph in an order that is found once, not by Dask at every message and prediction."""

from __future__ import annotations

from typing import Any

from rasa.engine.exceptions import GraphRunError
from rasa.engine.runner.dask import DaskGraphRunner

from assistant.replaced import replaces

Step = tuple[str, tuple[str, ...]]


@replaces("rasa.engine.runner.dask", "DaskGraphRunner.run", "45f0f52f574f")
def _run(
    self: DaskGraphRunner, inputs: dict[str, Any] | None = None, targets: list[str] | None = None
) -> dict[str, Any]:
    """The targets' outputs by their names; in training and in serving."""
    wanted = tuple(targets or self._graph_schema.target_names)
    # A node gives its name with its output, and gets those of the nodes that it needs.
    found: dict[str, Any] = {name: (name, value) for name, value in (inputs or {}).items()}
    try:
        for name, needs in _order(self, wanted):
            found[name] = self._instantiated_nodes[name](*(found.get(need, need) for need in needs))
    except RuntimeError as error:
        raise GraphRunError("Error running runner.") from error
    return dict(found[name] for name in wanted)


def _order(runner: Any, targets: tuple[str, ...]) -> list[Step]:
    """What the targets need, each after its own needs; kept with the runner."""
    orders: dict[tuple[str, ...], list[Step]] = runner.__dict__.setdefault("_shopclerk_orders", {})
    if targets not in orders:
        nodes = runner._graph_schema.minimal_graph_schema(list(targets)).nodes
        order: dict[str, tuple[str, ...]] = {}

        def visit(name: str) -> None:
            if name in nodes and name not in order:
                needs = tuple(nodes[name].needs.values())
                for need in needs:
                    visit(need)
                order[name] = needs

        for target in targets:
            visit(target)
        orders[targets] = list(order.items())
    return orders[targets]
