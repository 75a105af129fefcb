# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""What a rule says when it says no, and where in an input the trouble lies: values, which errors only carry."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Self

if TYPE_CHECKING:
    from collections.abc import Mapping

#: What the code of an error or a refusal looks like.
CODE: Final = re.compile(r"JK-[A-Z]{1,32}-[0-9]{4}", re.ASCII)
#: What a sentence or an article looks like: one line that a book can hold and a screen can show.
LINE: Final = re.compile(r"[^\x00-\x1f\x7f-\x9f\u2028\u2029]{1,1000}")
_RULE: Final = re.compile(r"[a-z0-9-]{1,100}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """Where in the input the trouble lies; rows are counted from 1, the header being row 1."""

    file: str | None = None
    row: int | None = None
    column: str | None = None

    def to_dict(self) -> dict[str, str | int]:
        """Only what is known."""
        known = {"file": self.file, "row": self.row, "column": self.column}
        return {name: value for name, value in known.items() if value is not None}


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A rule says no (拒否): the rule, the article it obeys, and a sentence in two languages."""

    #: Stable code, ``JK-<AREA>-NNNN``.
    code: str
    #: Short name of the rule, as in the documentation.
    rule: str
    #: Article of the Act or its orders that the rule obeys; None for a rule of our own.
    article: str | None
    #: What a clerk reads.
    message_ja: str
    #: What an engineer reads.
    message_en: str

    def to_dict(self) -> dict[str, Any]:
        """RFC 9457 problem details, ``kind`` = ``refusal``."""
        return {
            "type": f"urn:openjuki:{self.code}",
            "kind": "refusal",
            "code": self.code,
            "rule": self.rule,
            "article": self.article,
            "message_ja": self.message_ja,
            "message_en": self.message_en,
        }

    @classmethod
    def from_dict(cls, items: Mapping[str, Any]) -> Self:
        """Read what another node wrote with `to_dict`; KeyError, TypeError or ValueError where it did not."""
        article = items["article"]
        return cls(
            code=one_line(items["code"], CODE),
            rule=one_line(items["rule"], _RULE),
            article=None if article is None else one_line(article),
            message_ja=one_line(items["message_ja"]),
            message_en=one_line(items["message_en"]),
        )


def one_line(value: object, form: re.Pattern[str] = LINE) -> str:
    """A text of this form as a whole, from another node; ValueError where it is none."""
    if not isinstance(value, str) or not form.fullmatch(value):
        raise ValueError("not a text of this form")
    return value
