# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""The parameters of a request's address, read strictly (要求の引数): a misspelt one would show more than was meant."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from openjuki.carriage.answer_files import Format
from openjuki.carriage.encoding import Encoding
from openjuki.config import JST
from openjuki.errors import BadConfiguration
from openjuki.gateway import reading
from openjuki.gateway.errors import BadRequest
from openjuki.refusal import Where
from openjuki.wire.bulk import KeyKind

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from starlette.requests import Request

#: Lines of the ledger that are shown at a time, unless it is said otherwise, and at most.
LINES: Final = 100
MOST_LINES: Final = 1_000
#: Longest words that an affair is searched by.
LONGEST: Final = 100
#: By what a list may name persons.
LISTED_BY: Final = (KeyKind.RESIDENT_CODE.value, KeyKind.INDIVIDUAL_NUMBER.value)
#: Id of a line of the ledger.
LINE_ID: Final = re.compile(r"[0-9a-f]{32}", re.ASCII)
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def none(request: Request) -> None:
    """Check that a request has no parameters.

    Raises:
        BadRequest: it has.
    """
    _given(request, {})


def words(request: Request) -> str:
    """Words that an affair is searched by.

    Raises:
        BadRequest: they are not words, or there are other parameters.
    """
    return str(_given(request, {"words": _text}).get("words", ""))


def search(request: Request) -> dict[str, Any]:
    """Which lines of the ledger are wanted.

    Raises:
        BadRequest: a parameter cannot be read, or is not known; `where` names it where it is.
    """
    return {"limit": LINES, **_given(request, _SEARCH)}


def bulk(request: Request) -> dict[str, Any]:
    """What is said of a file of keys beside it.

    Raises:
        BadRequest: affair or reason is missing, a parameter cannot be read, or is not known.
    """
    return {"name": "", **_with_a_purpose(_given(request, _BULK))}


def clientele(request: Request) -> dict[str, Any]:
    """What is said of a list beside it.

    Raises:
        BadRequest: as `bulk`.
    """
    return {"every": 0, **_with_a_purpose(_given(request, _CLIENTELE))}


def after(request: Request) -> dict[str, int]:
    """Which changes of a list are wanted.

    Raises:
        BadRequest: a parameter cannot be read, or is not known.
    """
    return {"after": 0, "limit": LINES, **_given(request, {"after": _count, "limit": _limit})}


def _with_a_purpose(given: dict[str, Any]) -> dict[str, Any]:
    for name in ("affair", "reason"):
        if name not in given:
            raise BadRequest("the parameter is missing", where=Where(column=name))
    return given


def _given(request: Request, known: Mapping[str, Callable[[str], Any]]) -> dict[str, Any]:
    given = request.query_params.multi_items()
    if len(dict(given)) < len(given) or any(name not in known for name, _ in given):
        raise BadRequest(f"parameters, each once: {', '.join(known) or 'none'}")
    return {name: _read(known[name], name, value) for name, value in given}


def _read(parse: Callable[[str], Any], name: str, value: str) -> Any:
    try:
        return parse(value)
    except ValueError:
        raise BadRequest("the parameter cannot be read", where=Where(column=name)) from None


def _text(value: str) -> str:
    if not reading.is_line(value, LONGEST):
        raise ValueError
    return value


def _day(value: str) -> datetime:
    if not _DAY.fullmatch(value):
        raise ValueError
    return datetime.fromisoformat(value).replace(tzinfo=JST)


def _limit(value: str) -> int:
    if not re.fullmatch(r"[1-9][0-9]{0,3}", value, re.ASCII) or int(value) > MOST_LINES:
        raise ValueError
    return int(value)


def _line(value: str) -> str:
    if not LINE_ID.fullmatch(value):
        raise ValueError
    return value


_SEARCH: Final[Mapping[str, Callable[[str], Any]]] = {
    "affair": lambda value: reading.plain(value, "affair"),
    "since": _day,
    "until": _day,
    "before": _line,
    "limit": _limit,
}


def _yes(value: str) -> bool:
    if value not in {"true", "false"}:
        raise ValueError
    return value == "true"


def _encoding(value: str) -> Encoding:
    try:
        return Encoding.parse(value)
    except BadConfiguration as error:
        raise ValueError from error


_BULK: Final[Mapping[str, Callable[[str], Any]]] = {
    "affair": lambda value: reading.plain(value, "affair"),
    "reason": _text,
    "by": KeyKind,
    "name": _text,
    "encoding": _encoding,
    "format": Format,
    "answer_encoding": _encoding,
    "again": _yes,
}


def _count(value: str) -> int:
    if not re.fullmatch(r"0|[1-9][0-9]{0,11}", value, re.ASCII):
        raise ValueError
    return int(value)


def _listed(value: str) -> KeyKind:
    if value not in LISTED_BY:
        raise ValueError
    return KeyKind(value)


_CLIENTELE: Final[Mapping[str, Callable[[str], Any]]] = {
    "affair": lambda value: reading.plain(value, "affair"),
    "reason": _text,
    "by": _listed,
    "encoding": _encoding,
    "every": _count,
}
