# Shopclerk. `make help` lists what there is; the work is done by the small programs in tools/.
PYTHON ?= python3
APP := .venv/app/bin/python
RASA := .venv/rasa/bin/python
# The folders that ruff and mypy read; assistant/ runs on Rasa's Python and is read by ruff only.
TYPED := support gateway desk actions llm_server demo evals benchmarks tools tests rasa_sdk_plugins.py

.DEFAULT_GOAL := help
.PHONY: help run test check train shell import backup restore eval eval-trust dataset chaos bench bench-short bench-workers bench-stream bench-llm bench-desk bench-scale llm finetune adapters retention export-customer erase-customer services services-stop lock clean environments

help:  ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: environments  ## start everything, with a demo shop on the first start; Ctrl-C stops it
	@exec $(APP) -m tools.run

test: services check  ## everything that is tested
	@$(PYTHON) -m tools.environments llm-cpu finetune-cpu
	@exec $(APP) -m pytest -n 2 --dist loadgroup

check:  ## lint, types, locks, security (bandit, pip-audit), and Rasa's own validation of the dialogue data
	@$(PYTHON) -m tools.environments rasa app dev
	$(APP) -m ruff check .
	$(APP) -m ruff format --check .
	$(APP) -m mypy $(TYPED)
	$(PYTHON) -m tools.lock --check
	$(APP) -m bandit --quiet --recursive $(filter-out demo evals benchmarks tests,$(TYPED)) assistant --configfile pyproject.toml
	$(APP) -m tools.audit
	$(APP) -m tools.validate

train: environments  ## train the dialogue model if its data changed
	@exec $(APP) -m tools.train

shell: environments  ## talk to the assistant in the terminal
	@exec $(APP) -m tools.shell

import: environments  ## load a shop: make import DATA=folder (SKIP_BAD=1 leaves out bad rows, RESTORE_ERASED=1 loads the erased)
	@test -n "$(DATA)" || { echo "Name the folder: make import DATA=folder"; exit 2; }
	@exec $(APP) -m support.importer "$(DATA)" $(if $(SKIP_BAD),--skip-bad) $(if $(RESTORE_ERASED),--restore-erased)

backup: environments  ## everything that the shop would miss into one file, also while it runs: OUT=file
	@exec $(APP) -m support.backup keep $(if $(OUT),"$(OUT)")

restore: environments  ## a backup into an empty system: make restore FILE=file
	@test -n "$(FILE)" || { echo "Name the file: make restore FILE=file"; exit 2; }
	@exec $(APP) -m support.backup restore "$(FILE)"

retention: environments  ## remove what is older than the settings say (DRY_RUN=1 only says what that would be)
	@exec $(APP) -m support.privacy retention $(if $(DRY_RUN),--dry-run)

export-customer: environments  ## everything about one customer as a zip: CUSTOMER=id OUT=file.zip
	@test -n "$(CUSTOMER)" || { echo "Name the customer: make export-customer CUSTOMER=id OUT=file.zip"; exit 2; }
	@exec $(APP) -m support.privacy export --customer "$(CUSTOMER)" $(if $(OUT),--out "$(OUT)")

erase-customer: environments  ## erase one customer: CUSTOMER=id, or a stranger's CONVERSATION=id (YES=1 does not ask)
	@test -n "$(CUSTOMER)$(CONVERSATION)" || { echo "Name the customer: make erase-customer CUSTOMER=id"; exit 2; }
	@exec $(APP) -m support.privacy erase $(if $(CUSTOMER),--customer "$(CUSTOMER)",--conversation "$(CONVERSATION)") $(if $(YES),--yes)

dataset: environments  ## the desk's feedback as a training set: OUT=folder SINCE=2026-01-01 RATINGS=1 NO_PICTURES=1
	@exec $(APP) -m support.dataset $(if $(OUT),--out "$(OUT)") $(if $(SINCE),--since $(SINCE)) $(if $(RATINGS),--ratings) $(if $(NO_PICTURES),--no-pictures)

eval: train  ## the accuracy numbers, into evals/results/latest.json
	@exec $(APP) -m evals

eval-trust: train  ## what is invented, and what hostile people get, into evals/results/trust.json (ARGS=--failures)
	@exec $(APP) -m evals.trust $(ARGS)

chaos: services train  ## faults under load, into evals/results/chaos.json (FAULTS="name name"; ARGS=--list)
	@exec $(APP) -m evals.chaos $(FAULTS) $(ARGS)

bench: train  ## speed beside stock Rasa's, into benchmarks/results/latest.json (ARGS="--rounds 5")
	@$(PYTHON) -m tools.environments dev
	@exec $(APP) -m benchmarks $(ARGS)

bench-short: train  ## fails where the ratio to stock Rasa is below 3; writes nothing
	@$(PYTHON) -m tools.environments dev
	@exec $(APP) -m benchmarks --short

bench-workers: services train  ## one Rasa worker beside two, into benchmarks/results/workers.json
	@$(PYTHON) -m tools.environments dev
	@exec $(APP) -m benchmarks.workers $(ARGS)

bench-stream: train  ## how soon the first word is seen, into benchmarks/results/streaming.json
	@exec $(APP) -m benchmarks.streaming

bench-llm: train  ## what the guard proxy and the assistant cost over the bare model server (PROFILE=… with a GPU)
	@$(PYTHON) -m tools.environments dev $(if $(PROFILE),llm-gpu,llm-cpu)
	@exec $(APP) -m benchmarks.llm $(if $(PROFILE),--profile $(PROFILE))

bench-desk: services environments  ## how fast reviewers find conversations, into benchmarks/results/desk.json
	@exec $(APP) -m benchmarks.desk

bench-scale: services environments  ## a million passages, two million SKUs, into benchmarks/results/scale.json (an hour)
	@exec $(APP) -m benchmarks.scale $(ARGS)

llm:  ## the model server, Qwen3-VL on vLLM (PROFILE=name, DRY_RUN=1, ARGS=--list)
	@exec $(PYTHON) -m tools.llm $(if $(PROFILE),--profile $(PROFILE)) $(if $(DRY_RUN),--dry-run) $(ARGS)

finetune:  ## train an adapter: make finetune CONFIG=file.yml (DRY_RUN=1 only says what it would do)
	@test -n "$(CONFIG)" || { echo "Name the file: make finetune CONFIG=file.yml; llm_server/finetune/example.yml"; exit 2; }
	@exec $(PYTHON) -m tools.finetune "$(CONFIG)" $(if $(RESUME),--resume) $(if $(DRY_RUN),--dry-run)

adapters: environments  ## the model's adapters: list, check, try, evaluate, promote, roll back (ARGS="promote NAME")
	@exec $(APP) -m tools.adapters $(ARGS)

services:  ## PostgreSQL, Redis and RabbitMQ for the tests
	@$(PYTHON) -m tools.services start

services-stop:  ## stop what `make services` started
	@$(PYTHON) -m tools.services stop

lock:  ## write requirements/*.txt anew; UPGRADE=1 takes newer versions
	@$(PYTHON) -m tools.lock $(if $(UPGRADE),--upgrade)

clean: services-stop  ## remove environments, models and everything in var/, the demo shop included
	rm -rf .venv .tools .rasa models var .pytest_cache .mypy_cache .ruff_cache

environments:
	@$(PYTHON) -m tools.environments rasa app
