"""Who may say what on NATS: the registry publishes facts, the notifier reports, others nothing.

Subject permissions alone do not keep the notifier off `registry.>`: NATS does not check the reply
subject of a request, so `$JS.API.INFO` asked with the reply `registry.v1.open.x` would put the
answer into the stream as if it were a fact. Hence two accounts. Both streams live in the
registry's; the notifier's has no subject in common with it but the services named below, whose
answers come back to the notifier's account only.
"""

REGISTRY_STREAM = "REGISTRY"
NOTIFIER_STREAM = "NOTIFIER"
NOTIFIER_CONSUMER = "notifier"

REGISTRY_PUBLISHES = ("registry.>", "$JS.API.>", "$JS.ACK.>", "_INBOX.>")
REGISTRY_SUBSCRIBES = ("_INBOX.>", "notifier.>")

_consumer = f"{REGISTRY_STREAM}.{NOTIFIER_CONSUMER}"

# One answer each: report, look a stream up, and make, inspect and drop its one durable consumer.
NOTIFIER_ASKS = (
    "notifier.v1.>",
    "$JS.API.INFO",
    "$JS.API.STREAM.NAMES",
    f"$JS.API.STREAM.INFO.{REGISTRY_STREAM}",
    f"$JS.API.STREAM.INFO.{NOTIFIER_STREAM}",
    f"$JS.API.CONSUMER.CREATE.{_consumer}",
    f"$JS.API.CONSUMER.CREATE.{_consumer}.>",
    f"$JS.API.CONSUMER.DURABLE.CREATE.{_consumer}",
    f"$JS.API.CONSUMER.INFO.{_consumer}",
    f"$JS.API.CONSUMER.DELETE.{_consumer}",
    f"$JS.ACK.{_consumer}.>",
)
# Many answers: a batch of messages.
NOTIFIER_FETCHES = (f"$JS.API.CONSUMER.MSG.NEXT.{_consumer}",)
NOTIFIER_SUBSCRIBES = ("_INBOX.>",)


def accounts(*, registry_password: str, notifier_password: str) -> dict[str, object]:
    """Build the `accounts` block of the configuration; whoever is not in it is refused."""
    asked = [_export(subject, "singleton") for subject in NOTIFIER_ASKS]
    fetched = [_export(subject, "stream") for subject in NOTIFIER_FETCHES]
    services = (*NOTIFIER_ASKS, *NOTIFIER_FETCHES)
    return {
        "MOA": {
            "jetstream": "enabled",
            "users": [_user("registry", registry_password, REGISTRY_PUBLISHES, REGISTRY_SUBSCRIBES)],
            "exports": asked + fetched,
        },
        "NOTIFIER": {
            "users": [_user("notifier", notifier_password, services, NOTIFIER_SUBSCRIBES)],
            "imports": [{"service": {"account": "MOA", "subject": subject}} for subject in services],
        },
    }


def _export(subject: str, response_type: str) -> dict[str, object]:
    return {"service": subject, "response_type": response_type, "accounts": ["NOTIFIER"]}


def _user(name: str, password: str, publish: tuple[str, ...], subscribe: tuple[str, ...]) -> dict[str, object]:
    permissions = {"publish": {"allow": publish}, "subscribe": {"allow": subscribe}}
    return {"user": name, "password": password, "permissions": permissions}
