"""How the notifier says no: a stable code, and what to do, in Korean and English."""


class Notice(Exception):
    """Words for a person: `code` is stable, `ko` and `en` say what to do."""

    def __init__(self, code: str, *, ko: str, en: str) -> None:
        """Keep the code and the two sentences."""
        super().__init__(f"{code}: {en}")
        self.code = code
        self.ko = ko
        self.en = en


class Refusal(Notice):
    """The notifier will not do it as it is set up or asked; exit code 2 on the command line."""


class Unavailable(Notice):
    """Something that is needed does not answer just now; try again."""


class ChannelDown(Unavailable):
    """A mail was not taken just now; the others may be."""


class Undeliverable(Exception):
    """No trying helps: the mail will never be taken as it is. `code` says why, without an address."""

    def __init__(self, code: str) -> None:
        """Keep the reason."""
        super().__init__(code)
        self.code = code


class Unstorable(Exception):
    """The database will never take these values."""
