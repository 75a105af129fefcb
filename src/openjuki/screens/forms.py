# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Forms of the pages (画面の入力): read within bounds, from our own page only, and turned into a question.

A token stands in every form: what a browser keeps secret in a cookie, put through a one-way function. A page of
somebody else cannot know it, and nothing needs to be kept for it.
"""

from __future__ import annotations

import hmac
import re
from functools import cache
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl

from openjuki.codes.local_government import municipalities
from openjuki.errors import BadQuestion
from openjuki.refusal import Where
from openjuki.residents.look_up import VERIFIABLE, Claim, LookUp

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request

#: A form is a case number, a few items and what a passkey signed.
LARGEST: Final = 16_000
#: What clerks may type of a person.
ITEMS: Final = ("resident_code", "individual_number", "name", "furigana", "birth_date", "address", "sex")
_MOST_FIELDS: Final = 50
_LONGEST_REASON: Final = 100
#: A county (郡) behind the prefecture; names of municipalities are kept without it.
_COUNTY: Final = re.compile(r"^(.{2,3}[都道府県])?[^市区町村]{1,4}郡")


async def read(request: Request) -> dict[str, str]:
    """The fields of a form as browsers send it, without space around them; one that is too long, or of too many, has none."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > LARGEST:
            return {}
    try:
        pairs = parse_qsl(body.decode("utf-8", "replace"), max_num_fields=_MOST_FIELDS)
    except ValueError:
        return {}
    return {name: value.strip() for name, value in pairs}


def token(secret: bytes) -> str:
    """What stands in the forms of a browser that keeps this secret."""
    return hmac.digest(secret, b"openjuki form", "sha256").hex()


def is_ours(form: Mapping[str, str], secret: bytes) -> bool:
    """Whether a form was on a page that we gave to this browser; one that keeps nothing was given none."""
    return bool(secret) and hmac.compare_digest(form.get("token", "").encode(), token(secret).encode())


def check_reason(form: Mapping[str, str]) -> None:
    """Return only when there is a case number (受付番号).

    Raises:
        BadQuestion: there is none, or it is a story.
    """
    given = form.get("reason", "")
    if not given or len(given) > _LONGEST_REASON or any(character < " " for character in given):
        raise BadQuestion("malformed: reason", where=Where(column="reason"))


def question(form: Mapping[str, str]) -> LookUp:
    """What is asked.

    Raises:
        BadQuestion: an item is malformed.
    """
    return LookUp.from_dict(_given(form))


def claim(form: Mapping[str, str]) -> Claim:
    """What an applicant wrote, all of it to be verified.

    Raises:
        BadQuestion: an item is malformed, or nothing was written that can be verified.
    """
    given = _given(form)
    return Claim.from_dict({**given, "verify": [item for item in VERIFIABLE if item in given]})


def _given(form: Mapping[str, str]) -> dict[str, Any]:
    given = {item: form[item] for item in ITEMS if form.get(item)}
    if "address" in given:
        municipality, given["address"] = parted(given["address"])
        given |= {"municipality": municipality} if municipality else {}
    return given


def parted(address: str) -> tuple[str | None, str]:
    """An address as people write it: its municipality, and what follows; the prefecture may be left out.

    >>> parted("東京都千代田区一番町1"), parted("静岡市葵区追手町9-6"), parted("一番町1")
    (('131016', '一番町1'), ('221015', '追手町9-6'), (None, '一番町1'))
    >>> parted("静岡県賀茂郡西伊豆町仁科401")
    ('223069', '仁科401')
    """
    for text in dict.fromkeys((address, _COUNTY.sub(r"\1", address))):
        for place in range(min(len(text), _longest()), 0, -1):
            code = _places().get(text[:place])
            if code and text[place:].strip():
                return code, text[place:].strip()
    return None, address


@cache
def _places() -> Mapping[str, str]:
    """Names of municipalities that lead to one of them: with their prefectures, and alone where nobody shares them."""
    places: dict[str, str] = {}
    shared: set[str] = set()
    for code, one in municipalities().items():
        if code[2:5] == "000":
            continue
        places[one.prefecture + one.name] = code
        shared |= {one.name} & places.keys()
        places[one.name] = code
    return {name: code for name, code in places.items() if name not in shared}


@cache
def _longest() -> int:
    return max(map(len, _places()))
