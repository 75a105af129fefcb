# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""What the descriptions of all roads of the gateway are made of (接続仕様書の部品): statuses, parameters, answers."""

from __future__ import annotations

from typing import Any, Final

from openjuki.gateway import examples, problems
from openjuki.gateway.schemas import Schema, reference

#: What a status of the gateway means: Japanese first.
STATUSES: Final = {
    400: "本文が JSON ではない / the body is not JSON",
    401: "資格情報がないか、取り消されたか、期限切れ / no credential, or one that is not good any more",
    403: "照会全体が規則により認められない（規則と条文を示す） / a rule refuses the whole request",
    404: "この部署にはない / nothing of this name, or not for this office",
    413: "件数又は量が多すぎる / too many questions, or too large",
    416: "範囲がファイルの終わりより後にある / the range begins beyond the end of the file",
    422: "形式に誤りがある（`where` が箇所を示す） / not of this form; `where` says where",
    429: "登録されていない資格情報が多数示されている（`Retry-After` 秒後に再試行） / too many unknown credentials are shown; try again later",
    500: "当システムの不具合 / a defect of ours",
    502: "照会先の回答を信用できない / no answer that may be believed",
    503: "現在利用できない（`Retry-After` 秒後に再試行） / try again later",
}
OF_ALL: Final = (401, 422, 429, 500, 503)


def responses(schema: str, *statuses: int, shown: Schema | None = None, done: int = 200) -> Schema:
    """What is answered: this, and these problems."""
    content = {"schema": reference(schema)} | ({"examples": shown} if shown else {})
    answer = {"description": "回答 / the answer", "content": {"application/json": content}}
    return {str(done): answer} | {
        str(status): {"$ref": f"#/components/responses/Problem{status}"} for status in sorted(statuses)
    }


def problem(status: int) -> Schema:
    """A problem of this status."""
    content: Schema = {"schema": reference("Problem")}
    shown = examples.PROBLEMS.get(status)
    response: Schema = {
        "description": STATUSES[status],
        "content": {problems.MEDIA_TYPE: content | ({"example": shown} if shown else {})},
    }
    if status == 401:  # noqa: PLR2004 - the statuses that come with a header
        response["headers"] = {"WWW-Authenticate": {"required": True, "schema": {"type": "string"}}}
    if status in {429, 503}:
        response["headers"] = {"Retry-After": {"required": True, "schema": {"type": "integer"}}}
    return response


def query(name: str, schema: Schema, says: str, example: Any, *, required: bool = False) -> Schema:
    """A parameter behind the question mark."""
    drawn = {"name": name, "in": "query", "description": says, "schema": schema, "example": example}
    return drawn | ({"required": True} if required else {})


def in_path(name: str, schema: Schema, example: str) -> Schema:
    """A part of the path."""
    return {"name": name, "in": "path", "required": True, "schema": schema, "example": example}
