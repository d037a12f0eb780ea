"""Pages about reminders: due, sent, and the mailbox of the one-machine stack."""

from datetime import date
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from registry.kernel.errors import Unavailable
from registry.web.frame import house_of, language, render
from registry.web.history import local, recipient, rung
from registry.web.session import SignedIn

router = APIRouter()


@router.get("/reminders")
async def listing(request: Request, by: SignedIn) -> Response:
    """What goes out next and what went out."""
    lang = language(request)
    try:
        found = await house_of(request).reminders.listing()
    except Unavailable:
        nothing = {"notifier": {"reachable": False, "seen_at": None}, "due": [], "sent": []}
        return render(request, "reminders.html", nothing, by=by)
    context = {
        "notifier": {"reachable": True, "seen_at": None},
        "due": [_row(reminder, lang, found["today"]) for reminder in found["due"]],
        "sent": [_row(reminder, lang, found["today"]) for reminder in found["sent"]],
    }
    return render(request, "reminders.html", context, by=by)


@router.get("/mail")
async def mailbox(request: Request, by: SignedIn) -> Response:
    """The embedded mailbox, newest first."""
    found = await house_of(request).reminders.mailbox()
    mails = [{**mail, "at": local(mail["sent_at"])} for mail in found["mails"]]
    return render(request, "mailbox.html", {"mails": mails}, by=by)


@router.get("/mail/{mail}")
async def mail(request: Request, mail: str, by: SignedIn) -> Response:
    """One mail as a person reads it."""
    found = await house_of(request).reminders.mail(mail)
    context = {"mail": {**found, "at": local(found["sent_at"]), "sender": found["sender"]}}
    return render(request, "mail.html", context, by=by)


def _row(reminder: Any, lang: str, today: date) -> dict[str, Any]:
    return {
        "agreement_id": reminder["agreement"],
        "number": reminder["number"],
        "title": reminder["title"],
        "rung": rung(reminder["rule"]),
        "why": reminder["why_en"] if lang == "en" else reminder["why_ko"],
        "due_on": reminder["due_on"],
        "last_safe": reminder["deadline"],
        "days_left": (reminder["deadline"] - today).days,
        "recipient": recipient(reminder["office"], reminder["role"], lang),
        "at": local(reminder["sent_at"]) if reminder["sent_at"] else None,
        "channel": "email",
        "outcome": "failed" if reminder["state"] == "failed" else "sent",
        "mail_id": reminder["mail"],
    }
