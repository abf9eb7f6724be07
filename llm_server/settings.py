"""The settings of the machine with the model: launcher, guard proxy and adapters.

Values come from environment variables and from `.env`, prefixed with ``SHOPCLERK_``, as the assistant's do;
the two share `llm_key`. Nothing reads the environment at import: a program builds `Settings` once.

    settings = with_secrets(Settings())   # development: missing secrets are made once, in var/secrets.env
"""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Literal, Self

from dotenv import dotenv_values
from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

SHORTEST_SECRET = 16
SECRETS = ("llm_key", "llm_secret")
OWN_TENANT = "shop"


class Settings(BaseSettings):
    """Each default works on one machine, for one shop."""

    model_config = SettingsConfigDict(
        env_prefix="SHOPCLERK_", env_file=".env", extra="ignore", hide_input_in_errors=True
    )

    mode: Literal["development", "production"] = "development"
    # Logs, adapters and, in development, secrets lie below here.
    var: Path = Path("var")

    # --- the door: the guard proxy, which the assistant's SHOPCLERK_LLM_URL names (http://host:8000/v1) ----
    # 0.0.0.0 for an assistant on another machine; behind a private network or a proxy with TLS.
    llm_host: str = "127.0.0.1"
    llm_port: int = Field(default=8000, ge=1, le=65535)
    # vLLM itself: always loopback, with a key of its own that is made at each start.
    llm_engine_port: int = Field(default=8001, ge=1, le=65535)

    # --- what is served ------------------------------------------------------------------------------------
    # A name in llm_server/profiles/ or the path of such a file; empty: chosen by the machine.
    llm_profile: str = ""
    # Where the weights come from: huggingface, modelscope, or a folder that has them.
    llm_weights: str = "huggingface"
    llm_adapters: Path = Path("var/adapters")

    # --- who may ask ---------------------------------------------------------------------------------------
    # Further shops on this server, each with a cache of its own: name:key,name:key
    llm_tenants: SecretStr = SecretStr("")

    # --- secrets: generated into `var/secrets.env` for development, required in production ------------------
    llm_key: SecretStr = SecretStr("")  # the shop's; the assistant has the same
    llm_secret: SecretStr = SecretStr("")  # names pictures and caches so that no client can guess them (HMAC)

    @model_validator(mode="after")
    def _check(self) -> Self:
        self.tenants()
        if self.llm_port == self.llm_engine_port:
            raise ValueError("SHOPCLERK_LLM_PORT and SHOPCLERK_LLM_ENGINE_PORT must differ")
        if self.mode == "production":
            for name in SECRETS:
                _refuse_if_weak(f"SHOPCLERK_{name.upper()}", getattr(self, name).get_secret_value())
        return self

    def tenants(self) -> dict[str, str]:
        """Everyone who may ask, key -> name; a name may have several keys, while one replaces the other.
        ValueError for an entry that is none, or a key that two have.
        """
        own = self.llm_key.get_secret_value()
        found = {own: OWN_TENANT} if own else {}
        for entry in filter(None, map(str.strip, self.llm_tenants.get_secret_value().split(","))):
            name, _, key = entry.partition(":")
            if not name or key in found:
                raise ValueError(
                    "SHOPCLERK_LLM_TENANTS must read name:key,name:key with a different key for each"
                )
            _refuse_if_weak(f"the key of {name} in SHOPCLERK_LLM_TENANTS", key)
            found[key] = name
        return found

    @property
    def engine_url(self) -> str:
        """Where vLLM itself answers."""
        return f"http://127.0.0.1:{self.llm_engine_port}"


def _refuse_if_weak(name: str, value: str) -> None:
    if len(value) < SHORTEST_SECRET:
        raise ValueError(
            f"{name} must have at least {SHORTEST_SECRET} characters (for example: openssl rand -hex 24)"
        )


def with_secrets(settings: Settings) -> Settings:
    """The settings, with missing secrets taken from `var/secrets.env`, where they are made if need be.

    `make run` keeps its own secrets in that file too, and takes the key of the model from it.
    """
    missing = [name for name in SECRETS if not getattr(settings, name).get_secret_value()]
    if not missing:
        return settings
    path = settings.var / "secrets.env"
    kept = dotenv_values(path)
    found = {name: kept.get(f"SHOPCLERK_{name.upper()}") or secrets.token_hex(24) for name in missing}
    new = {f"SHOPCLERK_{name.upper()}": value for name, value in found.items()}
    lines = "".join(f"{key}={value}\n" for key, value in new.items() if not kept.get(key))
    if lines:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        with path.open("a", encoding="utf-8") as file:
            file.write(lines)
    return settings.model_copy(update={name: SecretStr(value) for name, value in found.items()})
