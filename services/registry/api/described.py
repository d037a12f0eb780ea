"""What the OpenAPI document says of the headers and parameters that every operation shares."""

from typing import Any

PROBLEM: dict[str, Any] = {
    "type": "object",
    "description": "RFC 9457 problem.",
    "required": ["type", "title", "status", "detail", "code", "message"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string", "description": "Stable, such as agreement.already_in_force."},
        "message": {
            "type": "object",
            "properties": {"ko": {"type": "string"}, "en": {"type": "string"}},
        },
        "request": {"type": "string", "format": "uuid"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "field": {"type": "string"},
                    "code": {"type": "string"},
                    "message": {"type": "object"},
                },
            },
        },
    },
}
REFUSED: dict[int | str, dict[str, Any]] = {
    "default": {"description": "Refused.", "content": {"application/problem+json": {"schema": PROBLEM}}}
}


def _header(name: str, what: str, kind: dict[str, Any], *, needed: bool = False) -> dict[str, Any]:
    return {"name": name, "in": "header", "required": needed, "description": what, "schema": kind}


KEY = _header(
    "Idempotency-Key",
    "A new UUID. The same request under the same key is recorded once and answered alike.",
    {"type": "string", "format": "uuid"},
    needed=True,
)
MATCH = _header("If-Match", "The ETag that was read; 412 when the record has moved on.", {"type": "string"})
AT = _header(
    "Registry-Position",
    "Wait until the answer shows everything up to this log position; 503 view.behind past a bound.",
    {"type": "integer"},
)


def query(**parameters: str) -> list[dict[str, Any]]:
    """Query parameters by name, each with a sentence; `limit` is a number, the others text."""
    return [
        {
            "name": name,
            "in": "query",
            "required": False,
            "description": what,
            "schema": {"type": "integer" if name in {"limit", "after", "year"} else "string"},
        }
        for name, what in parameters.items()
    ]


LIMIT = "How many rows, 1 to 200."
CURSOR = "The `next` of the page before."
AS_OF = "A day as 2025-06-09: what held on it, by the days that the facts themselves state."
KNOWN_AT = "An instant with its offset, as 2025-06-09T10:00:00+09:00: what the registry knew then."


def _told(what: str, kind: dict[str, Any]) -> dict[str, Any]:
    return {"description": what, "schema": kind}


# What the answer to a question about a past moment says beside the state.
MOMENT: dict[int | str, dict[str, Any]] = {
    200: {
        "headers": {
            "Registry-As-Of": _told("The day that was asked for.", {"type": "string", "format": "date"}),
            "Registry-Known-At": _told("The instant that was asked for.", {"type": "string", "format": "date-time"}),
            "Registry-Position": _told("With as_of or known_at: facts up to here count.", {"type": "integer"}),
            "Registry-Uncertain": _told(
                "With as_of or known_at: positions of facts that may hold on that day, but not for certain, since "
                "their sources give no day, only a month, year or interval, or doubt it; the state leaves them out.",
                {"type": "string", "example": "12, 15"},
            ),
        }
    },
    404: {
        "description": "There is no such record, or not yet (record.not_yet), or perhaps not yet by what the sources "
        "say (record.perhaps_not_yet).",
        "content": {"application/problem+json": {"schema": PROBLEM}},
    },
}
