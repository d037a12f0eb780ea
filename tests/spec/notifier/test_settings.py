"""The environment comes first, then MOA_HOME/notifier.env; what is missing is named and never guessed."""

from datetime import date

import pytest
from notifier.delivery.smtp import Smtp
from notifier.errors import Refusal
from notifier.settings import Settings


@pytest.fixture(autouse=True)
def _home(tmp_path, monkeypatch):
    monkeypatch.setenv("MOA_HOME", str(tmp_path))
    for name in ("MOA_NATS_URL", "MOA_SMTP_URL", "MOA_TODAY", "MOA_NOTIFIER_PORT", "MOA_NOTIFIER_DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)


def test_what_the_environment_does_not_say_the_file_says(tmp_path, monkeypatch):
    (tmp_path / "notifier.env").write_text(
        "MOA_NATS_URL='nats://notifier:a$b@127.0.0.1:1'\nMOA_NOTIFIER_PORT=9001\nMOA_TODAY=2025-01-01\n"
    )
    monkeypatch.setenv("MOA_NOTIFIER_PORT", "9002")
    monkeypatch.setenv("MOA_TODAY", "")
    settings = Settings.read()
    assert (settings.nats, settings.port, settings.today) == (
        "nats://notifier:a$b@127.0.0.1:1",
        9002,
        date(2025, 1, 1),
    )


def test_mail_goes_to_moa_home_and_links_to_the_local_registry_by_default(tmp_path):
    settings = Settings.read()
    assert (settings.mail_folder, settings.registry) == (tmp_path / "mail", "http://127.0.0.1:8000")


def test_a_missing_address_is_named_in_both_languages():
    with pytest.raises(Refusal) as refused:
        _ = Settings.read().database
    assert "MOA_NOTIFIER_DATABASE_URL" in refused.value.ko
    assert "MOA_NOTIFIER_DATABASE_URL" in refused.value.en


def test_a_value_that_makes_no_sense_is_named_and_not_repeated(monkeypatch):
    monkeypatch.setenv("MOA_TODAY", "morgen")
    monkeypatch.setenv("MOA_NOTIFIER_PORT", "70000")
    with pytest.raises(Refusal) as refused:
        Settings.read()
    assert refused.value.en == "These settings cannot be read; mend them: MOA_NOTIFIER_PORT, MOA_TODAY."


def test_a_chosen_day_and_a_real_mail_server_exclude_each_other(monkeypatch):
    monkeypatch.setenv("MOA_TODAY", "2025-01-01")
    monkeypatch.setenv("MOA_SMTP_URL", "smtp://u:p@mail.example.org")
    with pytest.raises(Refusal) as refused:
        _ = Settings.read().smtp
    assert refused.value.code == "settings.chosen_day_with_real_mail"


def test_no_password_is_shown(monkeypatch):
    monkeypatch.setenv("MOA_SMTP_URL", "smtp://u:hidden@mail.example.org:25")
    settings = Settings.read()
    assert "hidden" not in repr(settings)
    assert "hidden" not in repr(Smtp.at(settings.smtp or ""))


@pytest.mark.parametrize("url", ["http://x", "smtp://", "smtp://h:port", "mail.example.org"])
def test_an_unreadable_mail_server_is_refused(url):
    with pytest.raises(Refusal):
        Smtp.at(url)
