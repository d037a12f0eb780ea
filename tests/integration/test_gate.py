"""Every request passes the gate: it gets an id, a bound on its body, headers of caution and one line in the log."""

import asyncio
import contextlib
import io
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID, uuid4

import httpx
import structlog
import uvicorn
from registry import bootstrap
from registry.gate import MAX_BODY_BYTES
from registry.settings import Settings

from tests.integration.conftest import Running
from tests.integration.test_main_job import organisation

CAUTION = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}


async def test_every_answer_carries_an_id_and_headers_of_caution(registry: Running) -> None:
    clerk = await registry.person()
    for answer in (
        await clerk.get("/agreements"),
        await clerk.post("/organisations", organisation("부산진구")),
        await clerk.post("/organisations", {}),
        await registry.client.get("/healthz"),
        await registry.client.get("/metrics"),
        await registry.client.get("/sign-in"),
        await registry.client.get("/agreements"),
        await registry.client.get("/no/such/page"),
        await registry.client.get("/api/none"),
    ):
        assert UUID(answer.headers["X-Request-Id"])
        assert {name: answer.headers[name] for name in CAUTION} == CAUTION
    page = await registry.client.get("/sign-in")
    assert page.headers["Content-Security-Policy"].startswith("default-src 'none';")
    assert "unsafe" not in page.headers["Content-Security-Policy"]


async def test_a_request_id_is_taken_over_only_when_it_is_one(registry: Running) -> None:
    given = uuid4()
    answer = await registry.client.get("/healthz", headers={"X-Request-Id": str(given)})
    assert answer.headers["X-Request-Id"] == str(given)
    for nonsense in ("", "7", "x" * 36, "-" * 36, str(given) + "\n", "\u00e9" * 36, "{" + str(given)[1:]):
        answer = await registry.client.get("/healthz", headers={b"X-Request-Id": nonsense.encode("latin-1")})
        assert UUID(answer.headers["X-Request-Id"]) != given


async def test_the_id_of_a_request_ties_its_log_line_and_its_fact_together(registry: Running) -> None:
    clerk, given, key = await registry.person(), uuid4(), uuid4()
    written = io.StringIO()
    with contextlib.redirect_stdout(written):
        bootstrap.configure_logs("info")
        try:
            await clerk.post("/organisations", organisation("부산진구"), key=key, X_Request_Id=str(given))
        finally:
            structlog.reset_defaults()
    lines = [json.loads(line) for line in written.getvalue().splitlines()]
    assert [line["event"] for line in lines] == ["log.appended", "http.answered"]
    [act] = lines[0]["acts"]
    assert (act["command"], act["correlation"], act["outcome"]) == (str(key), str(given), "recorded")
    assert lines[1]["request"] == str(given)
    assert (lines[1]["method"], lines[1]["status"]) == ("POST", 201)
    recorded = (await registry.house.log.after(0, 1))[0]
    assert (recorded.command, recorded.correlation) == (key, given)


async def test_a_body_of_1_mib_is_read_and_one_byte_more_is_not(registry: Running) -> None:
    clerk = await registry.person()
    headers = {"Authorization": f"Bearer {clerk.token}", "Content-Type": "application/json"}
    body = json.dumps(organisation("부산진구")).encode()
    for size, status, head in ((MAX_BODY_BYTES, 201, 1), (MAX_BODY_BYTES + 1, 413, 1)):
        sent = headers | {"Idempotency-Key": str(uuid4())}
        answer = await registry.client.post("/api/v1/organisations", content=body.ljust(size), headers=sent)
        assert answer.status_code == status
        assert await registry.house.log.head() == head


@asynccontextmanager
async def served(settings: Settings) -> AsyncIterator[str]:
    """The registry behind the real server, on a port of its own."""
    listening = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(bootstrap.application(settings), log_config=None, access_log=False, server_header=False)
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        while not server.started:
            assert not serving.done()
            await asyncio.sleep(0.01)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        await serving


async def test_10_mb_sent_to_the_real_server_are_refused_and_the_next_request_is_served(registry: Running) -> None:
    clerk = await registry.person()

    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(160):
            yield b" " * 65_536

    async with served(registry.settings) as address, httpx.AsyncClient(base_url=address, trust_env=False) as client:
        for body in (b" " * 10_485_760, pieces()):
            headers = {
                "Authorization": f"Bearer {clerk.token}",
                "Idempotency-Key": str(uuid4()),
                "Content-Type": "application/json",
            }
            answer = await client.post("/api/v1/organisations", content=body, headers=headers)
            assert (answer.status_code, answer.json()["code"]) == (413, "request.too_large")
            assert (await client.get("/healthz")).json() == {"status": "alive"}
    assert await registry.house.log.head() == 0


async def test_what_is_no_http_at_all_does_not_stop_the_real_server(registry: Running) -> None:
    async with served(registry.settings) as address, httpx.AsyncClient(base_url=address, trust_env=False) as client:
        port = int(address.rpartition(":")[2])
        for nonsense in (
            b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n",
            b"GET /agreements HTTP/9.9\r\n\r\n",
            b"GET " + b"/x" * 50_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
            b"POST /api/v1/organisations HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n",
            b"POST /api/v1/organisations HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
            b"GET /%zz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
            b"GET /agreements?%ff HTTP/1.1\r\nConnection: close\r\n\r\n",
        ):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(nonsense)
            writer.write_eof()
            answer = await asyncio.wait_for(reader.read(), 10)
            assert b" 500 " not in answer.partition(b"\r\n")[0], nonsense
            writer.close()
        assert (await client.get("/healthz")).json() == {"status": "alive"}
