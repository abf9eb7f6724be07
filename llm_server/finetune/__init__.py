"""Fine-tuning: `make finetune CONFIG=file.yml` turns the dataset of `make dataset` into a LoRA adapter.

    python -m llm_server.finetune CONFIG [--resume] [--dry-run]

Three methods, on TRL and peft: `sft` from answers that people gave or confirmed, `kto` from customers'
ratings, `dpo` from agents' corrections. In: one short YAML (`config.py`, `example.yml`) and a dataset folder
(`rows.py`). Out: `var/adapters/<name>/`, which vLLM serves: `adapter_config.json`,
`adapter_model.safetensors`, `training.json` and `report/`. It appears there when it is complete, not before;
until then the run lives in `var/finetune/<name>/` (`work.py`), from where it continues after an interruption.

Runs in the environment `finetune-gpu` or `finetune-cpu`; `config.py`, `rows.py`, `work.py` and `log.py` need
no PyTorch.
"""
