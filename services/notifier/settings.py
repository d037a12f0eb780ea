"""What the notifier is told from outside, read once: the environment, then `MOA_HOME/notifier.env`."""

import os
from datetime import date
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, DotEnvSettingsSource, PydanticBaseSettingsSource, SettingsConfigDict

from notifier.errors import Refusal

Port = Annotated[int, Field(ge=1, le=65535)]


class Settings(BaseSettings):
    """Everything that is configured. Addresses of servers hold passwords and are kept out of `repr`."""

    model_config = SettingsConfigDict(env_ignore_empty=True, extra="ignore", frozen=True, populate_by_name=True)

    home: Path = Field(default=Path("var"), validation_alias="MOA_HOME")
    database_url: SecretStr | None = Field(default=None, validation_alias="MOA_NOTIFIER_DATABASE_URL")
    nats_url: SecretStr | None = Field(default=None, validation_alias="MOA_NATS_URL")
    host: str = Field(default="127.0.0.1", validation_alias="MOA_NOTIFIER_HOST")
    port: Port = Field(default=8001, validation_alias="MOA_NOTIFIER_PORT")
    token: SecretStr | None = Field(default=None, validation_alias="MOA_NOTIFIER_TOKEN")
    maildir: Path | None = Field(default=None, validation_alias="MOA_MAILDIR")
    smtp_url: SecretStr | None = Field(default=None, validation_alias="MOA_SMTP_URL")
    mail_domain: str = Field(default="moa.localhost", validation_alias="MOA_MAIL_DOMAIN")
    mail_from: str | None = Field(default=None, validation_alias="MOA_MAIL_FROM")
    registry_url: str | None = Field(default=None, validation_alias="MOA_REGISTRY_URL")
    registry_port: Port = Field(default=8000, validation_alias="MOA_REGISTRY_PORT")
    today: date | None = Field(default=None, validation_alias="MOA_TODAY")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Let the environment win over the file that the embedded stack leaves in MOA_HOME."""
        del dotenv_settings, file_secret_settings
        left = Path(os.environ.get("MOA_HOME") or "var") / "notifier.env"
        return init_settings, env_settings, DotEnvSettingsSource(settings_cls, env_file=left)

    @classmethod
    def read(cls) -> Self:
        """Read everything; Refusal names each setting that makes no sense, never its value."""
        try:
            return cls()
        except ValidationError as wrong:
            names = ", ".join(sorted({str(error["loc"][0]) for error in wrong.errors(include_input=False)}))
            raise Refusal(
                "settings.invalid",
                ko=f"다음 설정의 값을 읽을 수 없으니 고쳐 주십시오: {names}.",
                en=f"These settings cannot be read; mend them: {names}.",
            ) from None

    @property
    def mail_folder(self) -> Path:
        """The Maildir."""
        return self.maildir or self.home / "mail"

    @property
    def sender(self) -> str:
        """The address that mails come from."""
        return self.mail_from or f"moa@{self.mail_domain}"

    @property
    def registry(self) -> str:
        """Where people open an agreement."""
        return (self.registry_url or f"http://127.0.0.1:{self.registry_port}").rstrip("/")

    @property
    def database(self) -> str:
        """The database's address; Refusal when nobody gave one."""
        return _needed(self.database_url, "MOA_NOTIFIER_DATABASE_URL", self.home)

    @property
    def nats(self) -> str:
        """The NATS server's address; Refusal when nobody gave one."""
        return _needed(self.nats_url, "MOA_NATS_URL", self.home)

    @property
    def bearer(self) -> str:
        """The token of the API; Refusal when nobody gave one."""
        return _needed(self.token, "MOA_NOTIFIER_TOKEN", self.home)

    @property
    def smtp(self) -> str | None:
        """The mail server's address, or None where mail goes to the Maildir.

        Refusal when a day is chosen as well: nobody is to be told of a day that is not today.
        """
        if self.smtp_url and self.today:
            raise Refusal(
                "settings.chosen_day_with_real_mail",
                ko="날짜를 골라 실행할 때(MOA_TODAY, --today)에는 실제 메일 서버로 보내지 않습니다."
                " MOA_SMTP_URL이나 날짜 지정을 없애 주십시오.",
                en="With a chosen day (MOA_TODAY, --today) nothing is sent through a real mail server;"
                " unset MOA_SMTP_URL or the chosen day.",
            )
        return self.smtp_url.get_secret_value() if self.smtp_url else None


def _needed(value: SecretStr | None, name: str, home: Path) -> str:
    if value is None:
        raise Refusal(
            "settings.missing",
            ko=f"{name} 값이 없습니다. 환경 변수나 {home}/notifier.env에 지정하거나 `make run`으로 시작하십시오.",
            en=f"{name} is missing; set it in the environment or in {home}/notifier.env, or start with `make run`.",
        )
    return value.get_secret_value()
