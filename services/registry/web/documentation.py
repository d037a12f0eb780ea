"""The API's documentation as a page of our own: nothing is fetched from outside."""

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from registry.web.frame import render

router = APIRouter()


@router.get("/docs")
async def documentation(request: Request) -> Response:
    """Every operation with its fields, from the OpenAPI document."""
    document = request.app.state.openapi()
    groups: dict[str, list[dict[str, Any]]] = {}
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            tag = (operation.get("tags") or ["other"])[0]
            groups.setdefault(tag, []).append(_operation(method, path, operation, document["components"]["schemas"]))
    return render(request, "docs.html", {"groups": groups})


def _operation(method: str, path: str, operation: Mapping[str, Any], schemas: Mapping[str, Any]) -> dict[str, Any]:
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    schema = schemas.get(body.get("$ref", "").rpartition("/")[2], {})
    needed = set(schema.get("required", ()))
    return {
        "method": method.upper(),
        "path": path,
        "what": operation.get("summary") or operation.get("description", ""),
        "more": operation.get("description", ""),
        "fields": [
            {"name": name, "type": _type(field, schemas), "needed": name in needed}
            for name, field in schema.get("properties", {}).items()
        ],
    }


def _type(field: Mapping[str, Any], schemas: Mapping[str, Any]) -> str:
    if "$ref" in field:
        name = field["$ref"].rpartition("/")[2]
        inner = schemas.get(name, {}).get("properties", {})
        return f"{name} {{{', '.join(inner)}}}" if inner else name
    if "anyOf" in field:
        return " | ".join(_type(each, schemas) for each in field["anyOf"] if each.get("type") != "null")
    if "enum" in field:
        return " | ".join(str(each) for each in field["enum"])
    if field.get("type") == "array":
        return f"[{_type(field.get('items', {}), schemas)}]"
    return str(field.get("format") or field.get("pattern") or field.get("type", "any"))
