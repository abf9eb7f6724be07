"""Adapters (LoRA) of the model: which there are, whether they can be served, and which are.

* `check` - what is wrong with an adapter, by its files and by what it answers.
* `registry` - the folder `var/adapters`: trials, promotions, the way back, and who did what and why.
* `weights` - the safetensors format, as far as the two need it.

Contract: standard library only, so that the launcher of the model server and the tools of the shop can both
use it, each in its own environment. `make adapters` is its command line (`tools/adapters.py`); how well an
adapter answers is measured by `evals/answers`.
"""
