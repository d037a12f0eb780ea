"""JSON Schemas of everything on the wire, made from the models."""

import importlib
import inspect
import json
import pkgutil
from pathlib import Path

import contracts
from contracts.envelope import Envelope, Message

FOLDER = Path(contracts.__file__).parent / "schemas"


def schemas() -> dict[str, str]:
    """File name → text, for the envelope and every versioned message."""
    found: dict[str, str] = {}
    for module in pkgutil.iter_modules(contracts.__path__):
        loaded = importlib.import_module(f"contracts.{module.name}")
        for name, model in inspect.getmembers(loaded, inspect.isclass):
            on_the_wire = model is Envelope or (issubclass(model, Message) and model is not Message)
            if on_the_wire and model.__module__ == loaded.__name__:
                schema = model.model_json_schema() | {"$schema": "https://json-schema.org/draft/2020-12/schema"}
                found[f"{name}.json"] = json.dumps(schema, ensure_ascii=False, indent=2, sort_keys=True) + "\n"
    return found
