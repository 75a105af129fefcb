# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""The description of lists and their changes (対象者の異動の接続仕様): their roads and what they answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from openjuki.carriage.encoding import Encoding
from openjuki.gateway import parameters, reading
from openjuki.gateway.describing import OF_ALL, in_path, query, responses
from openjuki.nodes.clientele import putting
from openjuki.wire.clientele import Meaning

if TYPE_CHECKING:
    from openjuki.gateway.schemas import Schema

_TEXT: Final = {"type": "string"}
_COUNT: Final = {"type": "integer", "minimum": 0}
_MOMENT: Final = {"type": "string", "format": "date-time"}
_NAME: Final = {"type": "string", "pattern": f"^{putting.NAME.pattern}$"}
_LISTED_BY: Final = {"type": "string", "enum": list(parameters.LISTED_BY)}
#: A list.
_LIST: Final[Schema] = {
    "name": _NAME,
    "office": _TEXT,
    "affair": _TEXT,
    "reason": _TEXT,
    "operator": _TEXT | {"description": "登録した操作者又はシステム / who put it"},
    "kind": _LISTED_BY,
    "keys": _COUNT | {"description": "対象者の数 / persons on it"},
    "digest": _TEXT,
    "every": _COUNT | {"description": "照会の間隔（秒、0は手動） / seconds between two turns"},
    "put_at": _MOMENT,
    "told": _COUNT | {"description": "最後の異動の番号 / number of the last change"},
}
#: A change.
_CHANGE: Final[Schema] = {
    "seq": _COUNT | {"description": "一覧ごとの連番 / counts from 1 in each list"},
    "received_at": _MOMENT,
    "key": _TEXT | {"description": "一覧の照会条件 / as it stands on the list"},
    "meaning": {"type": "string", "enum": [str(one) for one in Meaning]},
    "meaning_ja": _TEXT,
    "changed": {"type": "array", "items": _TEXT, "description": "変わった項目 / which items changed"},
    "items": {"type": "object", "description": "異動後の項目 / the granted items, as they are now"},
    "article": _TEXT | {"description": "根拠条文 / the article"},
}


def _object(members: Schema) -> Schema:
    return {
        "type": "object",
        "properties": members,
        "required": list(members),
        "additionalProperties": False,
    }


def _answer(schema: str, members: Schema) -> Schema:
    return _object({"schema": {"type": "string", "const": f"openjuki/{schema}/1"}, **members})


#: What these roads answer, by name.
SCHEMAS: Final[Schema] = {
    "Clientele": _answer("clientele-put", {**_LIST, "rows": _COUNT, "faults": _COUNT, "repeated": _COUNT}),
    "Clienteles": _answer(
        "clienteles", {"agency": _TEXT, "lists": {"type": "array", "items": _object(_LIST)}}
    ),
    "ClienteleDropped": _answer("clientele-dropped", {"agency": _TEXT, "name": _NAME}),
    "ClienteleChanges": _answer(
        "clientele-changes",
        {
            "name": _NAME,
            "begun": {"type": "boolean"},
            "count": _COUNT,
            "last": {"type": ["integer", "null"]},
            "changes": {"type": "array", "items": _object(_CHANGE)},
        },
    ),
}


def roads() -> Schema:
    """The roads of lists."""
    named = in_path("name", _NAME, "pensioners")
    return {
        "/v1/clienteles": {
            "get": _road(
                "clienteles",
                "一覧を見る / See the lists",
                "この部署の対象者一覧を返します。\n\nThe lists of the office.",
                "Clienteles",
            )
        },
        "/v1/clienteles/{name}": {
            "put": _put(named),
            "delete": _road(
                "clienteleDrop",
                "一覧を廃止する / Drop a list",
                "一覧と、提供を受けた異動を削除します。\n\nRemoves the list, its file, and what it was told.",
                "ClienteleDropped",
                403,
                404,
                given=[named],
            ),
        },
        "/v1/clienteles/{name}/changes": {
            "get": _road(
                "clienteleChanges",
                "異動を読む / Read changes",
                "番号より後の異動を古い順に返します。何度でも読めます。照会は行いません。\n\n"
                "What the list was told after a number, the oldest first, as often as is wanted; nobody is asked.",
                "ClienteleChanges",
                404,
                given=[named, *_after()],
            )
        },
    }


def _road(
    name: str,
    summary: str,
    description: str,
    schema: str,
    *statuses: int,
    given: list[Schema] | None = None,
) -> Schema:
    return {
        "operationId": name,
        "tags": ["clientele"],
        "summary": summary,
        "description": description,
        "parameters": given or [],
        "responses": responses(schema, *OF_ALL, *statuses),
    }


def _put(named: Schema) -> Schema:
    file = {"schema": {"type": "string", "format": "binary"}}
    return {
        "operationId": "clientelePut",
        "tags": ["clientele"],
        "summary": "一覧を登録する / Put a list",
        "description": "対象者の一覧（CSV又はParquet、四千万人まで）を登録します。一覧は接続口にとどまります。"
        "同じ名前の一覧は置き換えられ、異動は続きから提供されます。\n\n"
        "A file of codes or numbers, up to forty million. It stays at the gateway, which asks what changed every so many "
        "seconds. A list of the same name is replaced, and is told on from where it stood.",
        "parameters": [named, *_purpose()],
        "requestBody": {
            "required": True,
            "content": {"text/csv": file, "application/vnd.apache.parquet": file},
        },
        "responses": responses("Clientele", *OF_ALL, 403, 413),
    }


def _purpose() -> list[Schema]:
    line = {"type": "string", "maxLength": parameters.LONGEST, "pattern": reading.LINE}
    encoding = {"type": "string", "enum": [str(one) for one in Encoding]}
    plain = {"type": "string", "pattern": reading.PLAIN}
    seconds = {"type": "integer", "minimum": 0, "maximum": putting.LONGEST, "default": 0}
    return [
        query("affair", plain, "事務の番号 / the affair", "state-115", required=True),
        query("reason", line, "照会の理由 / why", "受給権者の異動", required=True),
        query("by", _LISTED_BY, "一覧の照会条件 / by what it names persons", "resident_code"),
        query("encoding", encoding, "一覧の文字コード / of the list", "cp932"),
        query("every", seconds, "照会の間隔（秒、0は手動） / seconds between two turns", 86_400),
    ]


def _after() -> list[Schema]:
    number = {"type": "integer", "minimum": 0, "maximum": 999_999_999_999, "default": 0}
    count = {"type": "integer", "minimum": 1, "maximum": parameters.MOST_LINES, "default": parameters.LINES}
    return [
        query("after", number, "この番号より後 / after this number", 0),
        query("limit", count, "件数 / how many", parameters.LINES),
    ]
