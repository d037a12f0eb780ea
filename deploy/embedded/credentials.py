"""The stack's own passwords and keys: made once, kept in MOA_HOME/secrets.json."""

import base64
import json
import secrets
from dataclasses import asdict, dataclass, fields

from deploy.embedded.home import Home
from deploy.embedded.refusal import Refusal


@dataclass(frozen=True)
class Credentials:
    """What must stay the same from run to run; losing `vault_key` loses every name in the vault."""

    postgres: str
    moa_owner: str
    moa_registry: str
    moa_vault: str
    moa_notifier: str
    nats_registry: str
    nats_notifier: str
    notifier_token: str
    vault_key: str

    @classmethod
    def of(cls, home: Home) -> "Credentials":
        """Read the credentials of `home`, or make them if nothing was ever stored there.

        Raises Refusal if the file is damaged, or gone while data is there: new passwords would
        not open the old database, and a new vault key would not decrypt the old names.
        """
        with home.identity.acting():
            try:
                text = home.secrets.read_text(encoding="utf-8")
            except FileNotFoundError:
                text = None
        if text is not None:
            return _parse(text, home)
        if home.postgres.exists():
            raise Refusal(
                f"{home.secrets}이(가) 없어 {home.postgres}의 자료를 열 수 없으니 백업에서 되살리십시오.",
                f"{home.secrets} is gone, and without it the data in {home.postgres} cannot be"
                " opened; restore it from a backup.",
            )
        made = cls._made()
        home.write(home.secrets, json.dumps(asdict(made), indent=1) + "\n")
        return made

    @classmethod
    def _made(cls) -> "Credentials":
        made = {field.name: secrets.token_urlsafe(24) for field in fields(cls)}
        return cls(**made | {"vault_key": base64.b64encode(secrets.token_bytes(32)).decode()})


def _parse(text: str, home: Home) -> Credentials:
    try:
        return Credentials(**json.loads(text))
    except (ValueError, TypeError):
        raise Refusal(
            f"{home.secrets}이(가) 손상되었으니 백업에서 되살리십시오.",
            f"{home.secrets} is damaged; restore it from a backup.",
        ) from None
