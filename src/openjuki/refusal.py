# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""What a rule says when it says no, and where in an input the trouble lies: values, which errors only carry."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Mapping


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
        """Read what another node wrote with `to_dict`; KeyError where it did not."""
        article = items["article"]
        return cls(
            code=str(items["code"]),
            rule=str(items["rule"]),
            article=None if article is None else str(article),
            message_ja=str(items["message_ja"]),
            message_en=str(items["message_en"]),
        )
