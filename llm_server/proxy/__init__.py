"""The guard proxy: the only door to vLLM, which by itself answers too much to too many.

It lets through a short list of routes and fields, with a key, for several shops that cannot see each
other's caches; pictures as data only; so many bytes, pixels and tokens. It adds at most a millisecond or
two and holds back nothing of a stream.

    await serve(Options(engine_url=..., engine_key=..., keys=..., secret=...), stop)
    python -m llm_server.proxy             # before an engine that runs already
"""

from __future__ import annotations

from llm_server.proxy.options import Limits, Options
from llm_server.proxy.serving import run, serve

__all__ = ["Limits", "Options", "run", "serve"]
