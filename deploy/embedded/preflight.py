"""What is checked before anything starts: the ports, and the programs for the uid in use."""

import errno
import os
import socket
import sys
from pathlib import Path

from deploy.embedded import nats_server
from deploy.embedded.home import Home
from deploy.embedded.identity import Identity
from deploy.embedded.postgres_data import program, refuse_unreadable_data
from deploy.embedded.refusal import Refusal
from deploy.embedded.settings import Settings


def check_ports(settings: Settings, identity: Identity) -> None:
    """Raise Refusal if a port of the stack is taken, or not for this user."""
    wanted = {
        "MOA_REGISTRY_PORT": settings.ports.registry,
        "MOA_NOTIFIER_PORT": settings.ports.notifier,
    }
    if settings.servers.need_nats:
        wanted["MOA_NATS_PORT"] = settings.ports.nats
    for name, port in wanted.items():
        with identity.acting():
            _check_port(name, port)


def check_data(settings: Settings, home: Home) -> None:
    """Raise Refusal if the Postgres data of an earlier run cannot be served."""
    if settings.servers.need_postgres and home.postgres.exists():
        refuse_unreadable_data(home)


def check_account(settings: Settings, identity: Identity) -> None:
    """Raise Refusal if Postgres would not run as this uid, for want of a name."""
    if settings.servers.need_postgres and not identity.has_account:
        raise Refusal(
            f"uid {identity.uid}에는 계정 이름이 없어 Postgres를 실행할 수 없으니 계정이 있는"
            " 사용자로 실행하거나 그런 사용자의 폴더를 MOA_HOME으로 지정하십시오.",
            f"uid {identity.uid} has no account, and Postgres does not run without one; run as a"
            " user that has, or set MOA_HOME to a folder of such a user.",
        )


def check_programs(settings: Settings, identity: Identity) -> None:
    """Raise Refusal if this identity cannot run the servers' programs."""
    programs = []
    if settings.servers.need_postgres:
        programs.append(program("postgres"))
    if settings.servers.need_nats:
        programs.append(nats_server.binary())
    for path in programs:
        if not identity.may(os.R_OK | os.X_OK, path):
            closed = identity.first_closed_folder(path) or path
            raise Refusal(
                f"uid {identity.uid}이(가) {closed}을(를) 지나 {path.name}을(를) 실행할 수 없으니"
                " 저장소를 /srv/moa처럼 누구나 읽을 수 있는 폴더로 옮기십시오.",
                f"uid {identity.uid} cannot pass {closed} to run {path.name};"
                " move the clone to a folder that everyone may read, such as /srv/moa.",
            )


def may_run_python(identity: Identity) -> bool:
    """Whether this identity can run the interpreter and read its libraries and the services."""
    interpreter = Path(os.path.realpath(sys.executable))
    libraries = (Path(os.__file__), Path(sys.prefix), Path(__file__))
    return identity.may(os.X_OK, interpreter) and all(identity.may(os.R_OK, library) for library in libraries)


def _check_port(name: str, port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as the servers do
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as refused:
            if refused.errno == errno.EADDRINUSE:
                raise Refusal(
                    f"{port}번 포트를 이미 다른 프로그램이 쓰고 있으니 {name}에 다른 번호를 지정하십시오.",
                    f"Port {port} is in use by another program; set {name} to another port.",
                ) from None
            raise Refusal(
                f"{port}번 포트를 열 수 없으니({refused.strerror}) {name}에 1024 이상의 번호를 지정하십시오.",
                f"Port {port} cannot be opened ({refused.strerror}); set {name} to a port from 1024 up.",
            ) from None
