"""One run from its plan to the finished adapter: the steps in their order."""

from __future__ import annotations

from typing import Any

import torch  # type: ignore[import-not-found]

from llm_server import Trouble
from llm_server.adapters.check import problems
from llm_server.finetune import model, report, samples
from llm_server.finetune import plan as plans
from llm_server.finetune import train as training
from llm_server.finetune.config import Config
from llm_server.finetune.log import read
from llm_server.finetune.plan import Plan
from llm_server.finetune.rows import Rows
from llm_server.finetune.work import Work

BYTES_ON_GPU, BYTES_ON_CPU = 2, 4  # of a weight: bfloat16, float32


def planned(config: Config, rows: Rows) -> tuple[Plan, Any]:
    """What would be done, and the processor that counted it. Needs no weights."""
    processor = model.load_processor(config)
    size = BYTES_ON_GPU if torch.cuda.is_available() else BYTES_ON_CPU
    return plans.make(config, rows, processor, model.without_weights(config), size), processor


def train(config: Config, rows: Rows, plan: Plan, processor: Any, work: Work) -> None:
    """Train, look at the result, put it in its place. Trouble when the memory or the result will not do."""
    trainer = training.trainer_for(config, plan, model.load(config), processor, work)
    model.refuse_unless_frozen(trainer.model)
    try:
        before, after = training.run(trainer, work)
    except torch.OutOfMemoryError as error:
        raise Trouble(
            f"The GPU's memory is not enough: {error}\nHalve `batch` and double `accumulation`, which"
            " comes to the same; or set max_length or max_image_pixels lower, or take a smaller base."
        ) from error
    model.save_adapter(trainer.model, work.adapter)
    shown = [samples.sample(row, trainer.model, processor) for row in samples.chosen(plan.dev.rows)]
    result = report.Result(
        config, rows, plan, before, after, shown, read(work.log), trainer.state.best_global_step
    )
    report.write(result, work.adapter)
    if not trainer.state.best_global_step:
        raise Trouble(
            "No step did better on the held-out rows than the base itself, so there is nothing to keep: see"
            f" {work.adapter / 'report' / 'report.md'}\n"
            "Try a lower learning_rate, or more rows, under another name."
        )
    if wrong := problems(work.adapter, config.base):
        raise Trouble(f"vLLM would not serve what was trained, in {work.adapter}: {'; '.join(wrong)}")
    work.finish(config.finished)
