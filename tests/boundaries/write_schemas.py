"""Writes contracts/schemas anew: `make contracts`."""

from tests.boundaries.schemas import FOLDER, schemas

if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for old in FOLDER.glob("*.json"):
        old.unlink()
    for name, text in schemas().items():
        (FOLDER / name).write_text(text, encoding="utf-8")
