# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""The description of the gateway as people read it (接続仕様書の画面), drawn from the document that programs read.

One page, rendered here, without a script and without anything from elsewhere: offices have no internet.
"""

from __future__ import annotations

import re
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import orjson
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from openjuki.gateway import parameters
from openjuki.gateway.describe import document

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.requests import Request

    from openjuki.gateway.schemas import Schema

#: What the page is dressed in, one after the other.
_DRESS: Final = (
    ("openjuki.screens", "tokens.css"),
    ("openjuki.screens", "page.css"),
    ("openjuki.gateway", "documentation.css"),
)
_BACKTICKS: Final = re.compile(r"`([^`]+)`")


class Member(NamedTuple):
    """A member of an object as a line of a table (項目)."""

    name: str
    required: bool
    form: str
    says: str


def routes() -> list[Route]:
    """The document, the page, and what the page is dressed in; open to everybody on the line."""
    return [
        Route("/v1/openapi.json", _openapi),
        Route("/v1/docs", _docs),
        Route("/v1/docs.css", _css),
    ]


async def _openapi(request: Request) -> Response:
    parameters.none(request)
    return Response(orjson.dumps(document(), option=orjson.OPT_INDENT_2), media_type="application/json")


async def _docs(request: Request) -> Response:
    parameters.none(request)
    return HTMLResponse(page())


async def _css(request: Request) -> Response:
    parameters.none(request)
    dress = [resources.files(room).joinpath("static", name).read_bytes() for room, name in _DRESS]
    return Response(b"".join(dress), media_type="text/css")


@cache
def page() -> str:
    """The page from the first line to the last."""
    loader = PackageLoader("openjuki.gateway")
    drawn = Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    drawn.filters |= {
        "two": two,
        "form": form,
        "members": members,
        "pretty": _pretty,
        "target": _target,
        "code": _code,
        "shown": _shown,
    }
    return drawn.get_template("documentation.html.j2").render(api=document(), roads=list(_roads()))


def _roads() -> Iterator[tuple[str, str, Schema]]:
    for path, road in document()["paths"].items():
        for method, operation in road.items():
            yield method.upper(), path, operation


def two(text: str) -> tuple[str, str]:
    """What is said in Japanese, and the same in English.

    >>> two("照会する / Ask about persons"), two("性別")
    (('照会する', 'Ask about persons'), ('性別', ''))
    """
    japanese, _, english = text.partition("\n\n" if "\n\n" in text else " / ")
    return japanese, english


def members(schema: Schema) -> list[Member]:
    """The members of an object."""
    required = schema.get("required", ())
    return [
        Member(name, name in required, form(member), member.get("description", ""))
        for name, member in schema.get("properties", {}).items()
    ]


def form(schema: Schema) -> str:
    """The form of a value in a few words.

    >>> form({"type": "array", "items": {"type": "string"}, "maxItems": 3})
    'array of string, 3 at most'
    >>> form({"anyOf": [{"$ref": "#/components/schemas/Refusal"}, {"type": "null"}]})
    'Refusal or null'
    """
    if "$ref" in schema:
        return _target(schema)
    if "anyOf" in schema:
        return " or ".join(map(form, schema["anyOf"]))
    if "const" in schema:
        return f"“{schema['const']}”"
    if "enum" in schema:
        return " | ".join(schema["enum"])
    if schema.get("type") == "array":
        return f"array of {form(schema['items'])}" + _limit(schema, "maxItems")
    kind = schema["type"]
    kind = kind if isinstance(kind, str) else " or ".join(kind)
    return f"{schema.get('format', kind)}{_limit(schema, 'maxLength')}"


def _limit(schema: Schema, name: str) -> str:
    return f", {schema[name]:,} at most" if name in schema else ""


def _shown(operation: Schema) -> list[Schema]:
    """Examples of what is answered where all is well."""
    done = operation["responses"].get("200", {}).get("content", {}).get("application/json", {})
    return list(done.get("examples", {}).values())


def _target(schema: Schema) -> str:
    """The name of what is referred to."""
    return str(schema["$ref"]).rpartition("/")[2]


def _pretty(value: Any) -> str:
    return orjson.dumps(value, option=orjson.OPT_INDENT_2).decode()


def _code(text: str) -> Markup:
    """What stands between backticks, as code."""
    return Markup(_BACKTICKS.sub(r"<code>\1</code>", str(escape(text))))  # noqa: S704 - escaped before
