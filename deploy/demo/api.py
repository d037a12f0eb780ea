"""The registry's public API, as far as the demonstration needs it."""

import time
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Self
from uuid import UUID

import httpx

from deploy.demo.refusal import Refusal, not_running

ATTEMPTS = 10
PAUSE_SECONDS = 1.0


@dataclass(frozen=True)
class Answer:
    """What the registry answers to a command: the record, and the log position of its last fact."""

    record: str
    position: int


class Api:
    """A signed-in caller of the registry."""

    def __init__(self, url: str, token: str, *, transport: httpx.BaseTransport | None = None) -> None:
        """Call the registry at `url` with this token (empty: as nobody); nothing is sent yet."""
        self._url = url
        self._http = httpx.Client(
            base_url=url,
            headers={"Authorization": f"Bearer {token}"} if token else {},
            timeout=30,
            trust_env=False,
            transport=transport,
        )

    def __enter__(self) -> Self:
        """Hold connections open."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close them."""
        self._http.close()

    def must_be_running(self) -> None:
        """Refusal when nobody answers there."""
        if not self._send("GET", "/healthz").is_success:
            raise not_running(self._url)

    def signed_in(self) -> bool:
        """Does the registry take the token?"""
        return self._send("GET", "/api/v1/events", params={"limit": 1}).status_code != HTTPStatus.UNAUTHORIZED

    def head(self) -> int:
        """The position of the last fact in the log."""
        answer = self._read("GET", "/api/v1/events", params={"limit": 1})
        return int(answer.headers["Registry-Position"])

    def has_agreement(self, office: str, year: int, number: str) -> bool:
        """Does the office's register hold this number?"""
        wanted = {"office": office, "year": year, "q": number, "limit": 100}
        items = self._read("GET", "/api/v1/agreements", params=wanted).json()["items"]
        return any(item["number"] == number for item in items)

    def post(self, path: str, body: dict[str, Any], command: UUID) -> Answer:
        """Run a command; asking again with the same id gives the same answer and no second fact."""
        answer = self._read("POST", path, json=body, headers={"Idempotency-Key": str(command)})
        said = answer.json()
        return Answer(str(said["id"]), int(said["position"]))

    def _read(self, method: str, path: str, **more: Any) -> httpx.Response:
        answer = self._send(method, path, **more)
        if answer.is_success:
            return answer
        raise self._refused(answer)

    def _send(self, method: str, path: str, **more: Any) -> httpx.Response:
        for attempt in range(1, ATTEMPTS + 1):
            try:
                answer = self._http.request(method, path, **more)
            except (httpx.TransportError, httpx.InvalidURL) as error:
                raise not_running(self._url) from error
            if answer.status_code != HTTPStatus.SERVICE_UNAVAILABLE or attempt == ATTEMPTS:
                return answer
            time.sleep(PAUSE_SECONDS)
        raise AssertionError("the last attempt returns")

    def _refused(self, answer: httpx.Response) -> Refusal:
        try:
            problem = answer.json()
            code, korean, english = problem["code"], problem["detail"], problem["title"]
        except (ValueError, LookupError, TypeError):
            return not_running(self._url)
        wrong = "".join(f" [{each['field']}: {each['code']}]" for each in problem.get("errors", ()))
        return Refusal(f"{korean} ({code}){wrong}", f"{english} ({code}){wrong}")
