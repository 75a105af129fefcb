# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""The description of the gateway (接続仕様書) as an OpenAPI 3.1 document: every road, every status it can answer.

The roads are served as this says because a test sends them whatever it allows, and more.
"""

from __future__ import annotations

from functools import cache
from importlib.metadata import version
from typing import Any, Final

from openjuki.gateway import describe_bulk, describe_clientele, examples, parameters, reading
from openjuki.gateway.describing import OF_ALL, STATUSES, in_path, problem, query, responses
from openjuki.gateway.schemas import SCHEMAS, Schema, reference

_TITLE: Final = "OpenJuki 接続仕様 / gateway of an agency"
_ABOUT: Final = (
    "庁内のシステムから本人確認情報の照会を行うための接続口です。"
    "法令の台帳が認めた事務について、認められた項目だけが返り、すべてが台帳に記録されます。\n\n"
    "The side of the gateway that faces an office's own systems. For affairs that the statute book knows, what the law grants "
    "comes back and nothing else; every request is a line of the ledger before anything is shown."
)


@cache
def document() -> dict[str, Any]:
    """The description as JSON has it."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": _TITLE,
            "version": version("openjuki"),
            "description": _ABOUT,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "security": [{"credential": []}],
        "tags": [
            {"name": "provision", "description": "照会・照合 / asking and verifying"},
            {"name": "bulk", "description": "一括照会 / asking with a file"},
            {"name": "clientele", "description": "対象者の異動 / what changes about persons on a list"},
            {"name": "affairs", "description": "担当事務 / what the office may ask for"},
            {"name": "ledger", "description": "照会台帳 / what was asked"},
            {"name": "gateway", "description": "接続口 / the gateway itself"},
        ],
        "paths": _paths(),
        "components": {
            "schemas": SCHEMAS | describe_bulk.SCHEMAS | describe_clientele.SCHEMAS,
            "responses": {f"Problem{status}": problem(status) for status in STATUSES},
            "securitySchemes": {
                "credential": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "`juki provide credentials add` が発行する資格情報 / `Authorization: Bearer juki-…`",
                }
            },
        },
    }


def _paths() -> Schema:
    files = describe_bulk.roads() | describe_clientele.roads()
    return _roads_of_questions() | files | _roads_of_affairs() | _roads_of_the_ledger()


def _roads_of_questions() -> Schema:
    return {
        "/v1/provisions": {
            "post": _asking(
                "provisions",
                "照会する / Ask about persons",
                "一つの事務・一つの理由について、一人から千人までを照会します。照会ごとに結果が返ります。\n\n"
                "One affair, one reason, up to a thousand questions; each is answered alone.",
                "Provision",
            )
        },
        "/v1/verifications": {
            "post": _asking(
                "verifications",
                "照合する / Verify what was written",
                "申請書の記載が記録と同じかどうかだけを、項目ごとに返します。知る必要が最も少ない方法です。\n\n"
                "Yes or no for each item that the applicant wrote, and nothing else: the smallest disclosure that serves.",
                "Verification",
            )
        },
        "/v1/confirmations": {
            "post": _asking(
                "confirmations",
                "候補から選ぶ / Confirm a candidate",
                "複数該当の回答に示された候補の一人について照会します。別の提供として記録されます。\n\n"
                "After `several`: the items of one of the candidates, as a provision of its own.",
                "Confirmation",
            )
        },
    }


def _roads_of_affairs() -> Schema:
    return {
        "/v1/affairs": {
            "get": _reading(
                "affairs",
                "担当事務を探す / Find an affair",
                "この部署が担当する事務を、条文と説明とともに返します。\n\n"
                "The affairs that the office holds, each with its articles and a sentence.",
                "Purposes",
                query(
                    "words",
                    {"type": "string", "maxLength": parameters.LONGEST, "pattern": reading.LINE},
                    "この語を含むもの / in which these words occur",
                    "旅券",
                ),
            )
        },
        "/v1/affairs/{affair}": {
            "get": _reading(
                "affair",
                "事務を見る / See an affair",
                "照会する前に、使える条件と返る項目を確かめます。\n\nWhat may be asked by, and what will come back.",
                "Purpose",
                in_path("affair", {"type": "string", "pattern": reading.PLAIN}, "prefecture-013"),
                404,
            )
        },
    }


def _roads_of_the_ledger() -> Schema:
    return {
        "/v1/ledger": {
            "get": _reading(
                "ledger",
                "台帳を見る / See the ledger",
                "この部署の照会を新しい順に返します。個人の情報は含みません。\n\n"
                "What the office asked, newest first; without what it was about.",
                "Ledger",
                *_search(),
            )
        },
        "/v1/ledger/{line}": {
            "get": _reading(
                "line",
                "台帳の一行を見る / See a line",
                "照会したシステム自身には、照会と回答の内容も返します。\n\n"
                "To the system that asked, with its questions and answers.",
                "LedgerLine",
                in_path(
                    "line", {"type": "string", "pattern": f"^{parameters.LINE_ID.pattern}$"}, examples.LINE
                ),
                404,
            )
        },
        "/v1/health": {
            "get": {
                "operationId": "health",
                "tags": ["gateway"],
                "summary": "稼働を確かめる / See whether it can ask",
                "description": "台帳を開け、記録簿の署名が新しいとき 200 を返します。結果は1秒間、同じものを返します。\n\n"
                "200 while the book is open and the journal is vouched for; what was seen is told for a second.",
                "security": [],
                "responses": responses("Health", 422, 500, 503),
            }
        },
    }


def _asking(name: str, summary: str, description: str, kind: str) -> Schema:
    body = {
        "required": True,
        "content": {
            "application/json": {"schema": reference(f"{kind}Request"), "examples": examples.REQUESTS[name]}
        },
    }
    return {
        "operationId": name,
        "tags": ["provision"],
        "summary": summary,
        "description": description,
        "requestBody": body,
        "responses": responses("Provided", 400, *OF_ALL, 403, 413, 502, shown=examples.ANSWERS[name]),
    }


def _reading(name: str, summary: str, description: str, schema: str, *rest: Schema | int) -> Schema:
    statuses = [one for one in rest if isinstance(one, int)]
    return {
        "operationId": name,
        "tags": ["affairs" if name.startswith("affair") else "ledger"],
        "summary": summary,
        "description": description,
        "parameters": [one for one in rest if not isinstance(one, int)],
        "responses": responses(schema, *OF_ALL, *statuses),
    }


def _search() -> list[Schema]:
    day = {"type": "string", "format": "date"}
    line = {"type": "string", "pattern": f"^{parameters.LINE_ID.pattern}$"}
    count = {"type": "integer", "minimum": 1, "maximum": parameters.MOST_LINES, "default": parameters.LINES}
    return [
        query(
            "affair",
            {"type": "string", "pattern": reading.PLAIN},
            "この事務 / of this affair",
            "prefecture-013",
        ),
        query("since", day, "この日から / from this day on", "2026-11-01"),
        query("until", day, "この日の前まで / before this day", "2026-12-01"),
        query("before", line, "この行より前 / before this line", examples.LINE),
        query("limit", count, "行数 / how many lines", parameters.LINES),
    ]
