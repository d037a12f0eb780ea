"""The environment, read once. What it lacks is read from `registry.env` in MOA_HOME, which the stack writes."""

import os
from datetime import date
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from registry.kernel.errors import Refusal

POSTGRES = r"^(postgres(ql)?://.+)?$"


class Settings(BaseSettings):
    """Addresses, credentials and choices of one registry process."""

    model_config = SettingsConfigDict(env_prefix="MOA_", extra="ignore")

    home: Path = Path("var")
    database_url: str = Field(default="", repr=False, pattern=POSTGRES)
    database_owner_url: str = Field(default="", repr=False, pattern=POSTGRES)
    vault_database_url: str = Field(default="", repr=False, pattern=POSTGRES)
    vault_key: str = Field(default="", repr=False)
    nats_url: str = Field(default="", repr=False)
    registry_host: str = "127.0.0.1"
    registry_port: int = Field(default=8000, ge=1, le=65535)
    registry_url: str = ""
    notifier_port: int = Field(default=8001, ge=1, le=65535)
    notifier_url: str = ""
    notifier_token: str = Field(default="", repr=False)
    today: date | None = None
    log_level: Literal["debug", "info", "warning", "error"] = "info"

    @property
    def public_url(self) -> str:
        """Where people find the registry."""
        return self.registry_url.rstrip("/") or f"http://{self.registry_host}:{self.registry_port}"

    @property
    def notifier_base(self) -> str:
        """Where the notifier's API is."""
        return self.notifier_url.rstrip("/") or f"http://127.0.0.1:{self.notifier_port}"


class NotConfigured(Refusal):
    """Something that is needed was not given, or makes no sense."""


def read() -> Settings:
    """The settings of this process. NotConfigured when no database is named anywhere."""
    home = Path(os.environ.get("MOA_HOME", "var"))
    try:
        settings = Settings(_env_file=home / "registry.env")
    except ValidationError as wrong:
        names = ", ".join(sorted({f"MOA_{str(error['loc'][0]).upper()}" for error in wrong.errors()}))
        raise NotConfigured(
            "settings.invalid",
            ko=f"다음 설정의 값을 읽을 수 없습니다. 고쳐 주세요: {names}",
            en=f"These settings cannot be read; mend them: {names}.",
        ) from None
    if not settings.database_url:
        raise NotConfigured(
            "settings.missing",
            ko="데이터베이스 주소가 없습니다. 먼저 `make run`을 실행하거나 MOA_DATABASE_URL을 지정해 주세요.",
            en=f"No database is named in {home}/registry.env either: start `make run` first, or set MOA_DATABASE_URL.",
        )
    return settings
