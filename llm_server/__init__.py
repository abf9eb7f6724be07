"""The model server: Qwen3-VL on vLLM behind a guard proxy, on the machine that has the GPU.

The shop's assistant reaches it over HTTP by the OpenAI protocol and shares no code with it: nothing here
imports `support`. `python -m llm_server` starts it (`make llm`); `profiles/` says what it can serve.
"""

from __future__ import annotations


class Trouble(Exception):
    """Something the user has to do; the text says what."""
