"""Every setting of Shopclerk, typed, in one place.

Values come from environment variables and from `.env`, prefixed with ``SHOPCLERK_``. Each default works on
a laptop with nothing installed; each comment names the production counterpart. `Settings` is built once, by
`support.bootstrap` or by a test, and passed on; nothing reads the environment at import.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, SettingsConfigDict

from support.database_url import with_driver
from support.variables import FILE, PREFIX, unknown

SHORTEST_SECRET = 16
SHORTEST_LOG_DAYS = 181  # the trigger of migration 0011 refuses to delete what is younger than 180


class Settings(BaseSettings):
    """Settings of all processes; see the field comments for what production uses."""

    # What is wrong is told without the values, some of which are secrets.
    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_file=FILE, extra="ignore", hide_input_in_errors=True
    )

    mode: Literal["development", "production"] = "development"
    # Everything that the running system writes lies below here, unless a URL below says otherwise.
    var: Path = Path("var")

    # --- records ---------------------------------------------------------------------------------
    # Production: postgresql://user:password@host/shopclerk
    database_url: str = ""
    # What carries Rasa's events to the tables of review; empty is a table of the database above.
    # Production: amqp://user:password@host/vhost or kafka://host:9092,other:9092/topic (`support/events`)
    events_url: str = Field(default="", pattern="^(|(amqps?|kafka)://.+)$")
    # Folder of the shop's documents (`knowledge/` of the import folder) and of `policy.yml`.
    shop: Path = Path("var/shop")

    # --- words on their way from the actions to the customer's page ---------------------------------
    # With several gateways: redis://:password@host:6379/0. Who may publish there may speak to customers.
    redis_url: str = ""

    # --- the dialogue -------------------------------------------------------------------------------
    # The folder of config.yml, domain/ and data/, which the review's export writes; and of trained models.
    dialogue: Path = Path()
    models: Path = Path("models")

    # --- pictures --------------------------------------------------------------------------------
    # Production: s3://bucket/prefix (credentials as the AWS tools read them)
    attachments_url: str = ""
    attachment_bytes: int = 10_000_000
    ocr_workers: int = Field(default=1, ge=1)

    # --- the model: any OpenAI-compatible endpoint; empty means "no model" ------------------------
    # Production: several servers of the same models, http://one:8000/v1,http://two:8000/v1
    llm_url: str = ""
    llm_model: str = "Qwen/Qwen3-VL-8B-Instruct"
    llm_key: SecretStr = SecretStr("")
    llm_max_tokens: int = 400
    # A trial of other models or adapters, by weight: Qwen/Qwen3-VL-8B-Instruct=90,winter=10
    model_shares: str = ""
    # Whether what is said to the model and by it is kept, for training (`make dataset`).
    keep_model_texts: bool = True
    # Whether the model is asked about the few messages that may be hostile and that the rules of content.yml
    # do not decide (`support/guard`). Such a message waits up to a second longer; no other one does.
    content_model: bool = False
    # For so long, the model's answer to a question is the answer to the same words; 0: never. Where there is
    # a `redis_url`, all action servers share these answers.
    answer_cache_minutes: float = Field(default=60, ge=0)
    embedding_url: str = ""
    embedding_model: str = ""
    embedding_key: SecretStr = SecretStr("")
    # What goes before a question; empty is what the model is known to want (Qwen3-Embedding), or nothing.
    embedding_query_prefix: str = ""
    rerank_url: str = ""
    rerank_model: str = ""
    rerank_key: SecretStr = SecretStr("")
    # Speech to text: with it, the chat page has a microphone.
    speech_url: str = ""
    speech_model: str = ""
    speech_key: SecretStr = SecretStr("")

    # --- the shop's manners ----------------------------------------------------------------------
    shop_name: str = "云朵小铺"
    shop_name_en: str = "Cloudlet Store"
    persona: str = ""
    default_language: Literal["zh", "en"] = "zh"

    # --- processes -------------------------------------------------------------------------------
    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=1, le=65535)
    rasa_port: int = Field(default=5005, ge=1, le=65535)
    # More than one needs PostgreSQL and `redis_url`, where they keep a conversation's messages in order.
    rasa_workers: int = Field(default=1, ge=1)
    actions_port: int = Field(default=5055, ge=1, le=65535)
    # The shop's sites, whose pages may use the chat: https://shop.example,https://m.shop.example
    origins: str = ""

    # --- secrets: generated into `var/secrets.env` for development, required in production --------
    channel_secret: SecretStr = SecretStr("")  # between gateway and Rasa
    staff_token: SecretStr = SecretStr("")  # for people who answer
    customer_token_secret: SecretStr = SecretStr("")  # signs the tokens of the shop's site (HS256)

    # --- the desk's first admin; without a password a one-time link is printed at the first start ----
    admin_login: str = "admin"
    admin_password: SecretStr = SecretStr("")
    admin_link: bool = True  # false where the launcher prints it

    # --- when something fails ------------------------------------------------------------------------
    # A customer waits for so long before hearing that the answer will follow,
    answer_seconds: float = Field(default=3.5, gt=0)
    # and for so long in all while a part of the assistant is away, before a person gets the conversation.
    patience_seconds: float = Field(default=25.0, gt=0)

    # --- handing over --------------------------------------------------------------------------------
    # A waiting customer goes back to the queue when the person has been away for so long,
    handoff_agent_away_minutes: float = Field(default=3, gt=0)
    # and a conversation back to the bot when nobody has said anything for so long.
    handoff_idle_minutes: float = Field(default=30, gt=0)

    # --- limits ----------------------------------------------------------------------------------
    # Messages (and uploads, ratings, ...) a minute in one conversation, of one customer who has proven who
    # they are, and from one address; an office or a mobile network shares one.
    messages_per_minute: int = Field(default=30, ge=1)
    customer_messages_per_minute: int = Field(default=60, ge=1)
    address_messages_per_minute: int = Field(default=300, ge=1)
    message_characters: int = 2_000
    identity_hours: int = 12
    identity_tries_per_hour: int = 5
    # Of all conversations that began at one address; wider, since a mobile network shares addresses.
    identity_tries_per_hour_address: int = 20

    # --- how long things are kept, in days; 0: for ever (`support.privacy.retention`) --------------------
    # A conversation with everything in it, after its last sign of life; open ones stay.
    retention_conversations_days: int = Field(default=1095, ge=0)
    # Customers' pictures, also of conversations that are kept.
    retention_pictures_days: int = Field(default=365, ge=0)
    # What was said to the model and by it.
    retention_model_texts_days: int = Field(default=365, ge=0)
    # What customers wrote beside their stars; the stars stay.
    retention_rating_words_days: int = Field(default=1095, ge=0)
    # Failed tries to prove who somebody is.
    retention_identity_tries_days: int = Field(default=90, ge=0)
    # Events that could not be projected.
    retention_event_failures_days: int = Field(default=90, ge=0)
    # What the staff did. The database itself refuses to let go of it before half a year.
    retention_staff_log_days: int = Field(default=1095, ge=0)

    @field_validator("database_url")
    @classmethod
    def _with_driver(cls, url: str) -> str:
        return with_driver(url) if url else ""

    @model_validator(mode="after")
    def _fill_and_check(self) -> Self:
        if not self.database_url:
            self.database_url = f"sqlite+aiosqlite:///{self.var.absolute() / 'shop.db'}"
        if not self.attachments_url:
            self.attachments_url = (self.var.absolute() / "attachments").as_uri()
        if self.mode == "production":
            self._refuse_weak_secrets()
        if 0 < self.retention_staff_log_days < SHORTEST_LOG_DAYS:
            raise ValueError(
                f"SHOPCLERK_RETENTION_STAFF_LOG_DAYS must be 0 (for ever) or at least {SHORTEST_LOG_DAYS}"
            )
        # Read once now, so that a mistake in them stops the start and not the first customer.
        if self.shares and self.llm_model not in self.shares:
            raise ValueError(
                f"SHOPCLERK_MODEL_SHARES must name {self.llm_model} too, with 0 if it is to rest"
            )
        if self.rasa_workers > 1 and not (self.redis_url and self.database_url.startswith("postgresql")):
            raise ValueError(
                "SHOPCLERK_RASA_WORKERS above 1 needs SHOPCLERK_REDIS_URL, and PostgreSQL as database"
            )
        _ = self.llm_urls, self.allowed_origins
        return self

    def _refuse_weak_secrets(self) -> None:
        weak = [
            f"{PREFIX}{name.upper()} must be set to at least {SHORTEST_SECRET} characters "
            "in production mode (for example: openssl rand -hex 24)"
            for name in ("channel_secret", "staff_token", "customer_token_secret")
            if len(getattr(self, name).get_secret_value()) < SHORTEST_SECRET
        ]
        if weak:
            raise ValueError("\n  ".join(weak))

    @property
    def llm_urls(self) -> tuple[str, ...]:
        """The addresses of the model's servers; none without a model."""
        urls = tuple(one.strip().rstrip("/") for one in self.llm_url.split(",") if one.strip())
        for number, url in enumerate(urls, 1):
            parts = urlsplit(url)
            is_server = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
            if not is_server or parts.username or re.search(r"[\s;]", url):
                raise ValueError(
                    f"SHOPCLERK_LLM_URL: address {number} is none. Write http://host:8000/v1, or several "
                    "with commas between them; the key belongs into SHOPCLERK_LLM_KEY"
                )
        if len(set(urls)) < len(urls):
            raise ValueError("SHOPCLERK_LLM_URL names a server twice")
        return urls

    @property
    def shares(self) -> Mapping[str, float]:
        """Which models answer, and in what proportion; empty when `llm_model` answers everybody."""
        found: dict[str, float] = {}
        for share in filter(None, (one.strip() for one in self.model_shares.split(","))):
            name, _, weight = (part.strip() for part in share.rpartition("="))
            if not name or name in found or not re.fullmatch(r"\d+(\.\d+)?%?", weight):
                raise ValueError(
                    f"SHOPCLERK_MODEL_SHARES: {share!r} is no share, or one too many. Write name=90,other=10"
                )
            found[name] = float(weight.rstrip("%"))
        if found and not any(found.values()):
            raise ValueError("SHOPCLERK_MODEL_SHARES gives everybody nothing")
        return found

    @property
    def allowed_origins(self) -> tuple[str, ...]:
        """Scheme, host and port of each site that may use the chat; none but our own by default."""
        origins = tuple(one.strip().rstrip("/") for one in self.origins.split(",") if one.strip())
        for origin in origins:
            if not re.fullmatch(r"https?://[a-zA-Z0-9.-]+(:\d+)?", origin):
                raise ValueError(
                    f"SHOPCLERK_ORIGINS: {origin!r} is no origin. Write https://shop.example, without a "
                    "path, or several with commas between them"
                )
        return origins

    @property
    def tracker_file(self) -> Path:
        """Where Rasa keeps its conversations beside SQLite, which has one writer at a time."""
        return self.var.absolute() / "rasa.db"

    @property
    def tracker_url(self) -> str:
        """Where Rasa keeps its conversations: in the same PostgreSQL, or in `tracker_file`."""
        in_a_file = self.database_url.startswith("sqlite")
        return f"sqlite+aiosqlite:///{self.tracker_file}" if in_a_file else self.database_url

    @property
    def address(self) -> str:
        """Where a browser on this machine finds the gateway."""
        host = "127.0.0.1" if self.host in ("0.0.0.0", "::") else self.host
        return f"http://{host}:{self.port}"

    @property
    def rasa_url(self) -> str:
        """Where the gateway finds Rasa: always loopback, see `docs/decisions`."""
        return f"http://127.0.0.1:{self.rasa_port}"

    @property
    def stream_url(self) -> str:
        """Where the actions find the gateway's side of the side channel."""
        return f"http://127.0.0.1:{self.port}/internal/stream"


def read_settings() -> Settings:
    """The settings of a program that starts; SystemExit that says which of them are wrong, and how."""
    wrong = list(unknown(Settings.model_fields))
    try:
        settings = Settings()
    except ValidationError as error:
        wrong += (_explained(one) for one in error.errors(include_url=False, include_input=False))
    else:
        if not wrong:
            return settings
    raise SystemExit("\n  ".join(["These settings cannot be used:", *wrong]))


def _explained(error: ErrorDetails) -> str:
    names = ", ".join(f"{PREFIX}{str(part).upper()}" for part in error["loc"])
    words = error["msg"].removeprefix("Value error, ")
    return f"{names}: {words}" if names else words
