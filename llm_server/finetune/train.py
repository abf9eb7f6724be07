"""The training itself, by TRL: the rows as its trainers want them, their settings, and the loop.

All methods take the same way through TRL, the one for rows with pictures, even where a row has none: pictures
are opened when their batch is made, and nothing is cut to a length (`plan.py` has left out what is too long).
Only the answer counts towards the loss. The reference model of kto and dpo is the base: the same weights with
the adapter switched off.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch  # type: ignore[import-not-found]
from datasets import Dataset  # type: ignore[import-not-found]
from PIL import Image
from transformers import PrinterCallback, TrainerCallback
from trl import (  # type: ignore[import-not-found]
    DPOConfig,
    DPOTrainer,
    KTOConfig,
    KTOTrainer,
    SFTConfig,
    SFTTrainer,
)

from llm_server.finetune.config import Config
from llm_server.finetune.log import Log
from llm_server.finetune.model import lora
from llm_server.finetune.plan import Plan
from llm_server.finetune.rows import Row, balance, ordered
from llm_server.finetune.work import Work, step_of

TRAINERS = {"sft": (SFTTrainer, SFTConfig), "kto": (KTOTrainer, KTOConfig), "dpo": (DPOTrainer, DPOConfig)}
WARM_UP = 0.05  # of all steps
MOST_LOGGED = 100  # lines for the training loss
LEAST_CHECKPOINTS = 4
LOADERS = 4  # processes that read pictures, so that a GPU need not wait for them


def trainer_for(config: Config, plan: Plan, model: Any, processor: Any, work: Work) -> Any:
    """TRL's trainer with our rows and settings; its model is the one with the adapter."""
    trainer_class, _ = TRAINERS[config.method]
    trainer = trainer_class(
        model=model,
        args=_arguments(config, plan, work),
        train_dataset=_dataset(ordered(plan.train.rows, config.seed)),
        eval_dataset=_dataset(ordered(plan.dev.rows, config.seed)),
        processing_class=processor,
        peft_config=lora(config),
    )
    trainer.remove_callback(PrinterCallback)
    return trainer


def run(trainer: Any, work: Work) -> tuple[dict[str, float], dict[str, float]]:
    """Train, from the last checkpoint if there is one; the held-out figures before and after.

    Afterwards the model is the one of the checkpoint that did best on the held-out rows.
    """
    checkpoint = work.last_checkpoint()
    trainer.add_callback(_Reporter(Log(work.log, step_of(checkpoint) if checkpoint else 0)))
    if checkpoint:
        print(f"continuing after step {step_of(checkpoint)}", flush=True)
    trainer.train(resume_from_checkpoint=str(checkpoint) if checkpoint else None)
    measured = {entry["step"]: entry for entry in trainer.state.log_history if "eval_loss" in entry}
    return _figures(measured[0]), _figures(measured[trainer.state.best_global_step])


def _figures(entry: dict[str, float]) -> dict[str, float]:
    wanted = ("loss", "rewards/", "logps/")
    return {
        key.removeprefix("eval_"): value
        for key, value in entry.items()
        if key.startswith("eval_") and key.removeprefix("eval_").startswith(wanted)
    }


class _Reporter(TrainerCallback):  # type: ignore[misc]
    """Hands to the log what TRL reports."""

    def __init__(self, log: Log) -> None:
        self._log = log

    def on_log(self, args: Any, state: Any, control: Any, logs: dict[str, float], **_: Any) -> None:
        self._log.add(state.global_step, state.max_steps, logs)


def _arguments(config: Config, plan: Plan, work: Work) -> Any:
    _, arguments_class = TRAINERS[config.method]
    gpu = torch.cuda.is_available()
    every = min(config.checkpoint_every, math.ceil(plan.steps / LEAST_CHECKPOINTS))
    return arguments_class(
        output_dir=str(work.checkpoints),
        num_train_epochs=config.epochs,
        learning_rate=config.learning_rate,
        lr_scheduler_type="cosine",
        warmup_steps=WARM_UP,
        per_device_train_batch_size=config.batch,
        per_device_eval_batch_size=config.batch,
        gradient_accumulation_steps=config.accumulation,
        seed=config.seed,
        max_length=None,
        router_aux_loss_coef=0.0,  # a mixture's router is frozen
        remove_unused_columns=False,  # the rows come by a transform, which has no columns
        use_cpu=not gpu,
        bf16=gpu,
        gradient_checkpointing=gpu,
        dataloader_num_workers=LOADERS if gpu else 0,
        dataloader_pin_memory=gpu,
        eval_strategy="steps",
        save_strategy="steps",
        eval_steps=every,
        save_steps=every,
        eval_on_start=work.last_checkpoint() is None,
        load_best_model_at_end=True,
        metric_for_best_model="eval_loss",
        save_total_limit=2,
        logging_steps=math.ceil(plan.steps / MOST_LOGGED),
        disable_tqdm=True,
        report_to=[],
        **_of_the_method(config, plan),
    )


def _of_the_method(config: Config, plan: Plan) -> dict[str, Any]:
    if config.method == "sft":
        return {"completion_only_loss": True}
    if config.method == "dpo":
        return {"beta": config.beta}
    good, bad = balance(plan.train.rows)
    # The rarer kind weighs as much as the other: equation 8 of the KTO paper (arXiv:2402.01306).
    return {
        "beta": config.beta,
        "desirable_weight": max(1.0, bad / good),
        "undesirable_weight": max(1.0, good / bad),
    }


def _dataset(rows: Sequence[Row]) -> Any:
    def opened(batch: dict[str, list[int]]) -> dict[str, list[Any]]:
        columns = [for_trl(rows[index]) for index in batch["row"]]
        return {key: [column[key] for column in columns] for key in columns[0]}

    return Dataset.from_dict({"row": list(range(len(rows)))}).with_transform(opened)


def for_trl(row: Row) -> dict[str, Any]:
    """A row as TRL's collators take it, with its pictures opened."""
    answers = {
        key: [{"role": "assistant", "content": [{"type": "text", "text": text}]}]
        for key, text in row.answers.items()
    }
    label = {} if row.label is None else {"label": row.label}
    images = [opened_picture(path) for path in row.images]
    return {"images": images, "prompt": list(row.prompt), **answers, **label}


def opened_picture(path: Path) -> Image.Image:
    """The whole picture in memory, its file closed."""
    with Image.open(path) as picture:
        return picture.convert("RGB")
