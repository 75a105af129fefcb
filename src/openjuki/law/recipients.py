# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Recipients (受領者): whom the law names, and which nodes they are.

A row of a table names its recipients in words: 厚生労働省及び日本年金機構, 市長又は福祉事務所を管理する町村長. One table of
data divides these words into names, another says which local governments bear a name by what they are, and
a third which agency bears which. Who bears no name of a row is not its recipient.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from openjuki.codes.local_government import municipalities, prefecture_of
from openjuki.config import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

#: Every local government of the kind.
EVERY: Final = "*"
_HEAD: Final = "head"


@dataclass(frozen=True, slots=True, kw_only=True)
class NameClass:
    """A name in the tables that local governments bear by what they are (名宛の類型)."""

    name: str
    kind: Kind
    #: Which of a government's bodies bears it: `head`, another, `any`, `not head`.
    organ: str
    #: Only governments of these kinds (政令指定都市, 市, 町 ...); empty: of every kind.
    sizes: frozenset[str]
    #: Only these, by code; `*`: all.
    governments: frozenset[str]

    def is_borne_by(self, body: Listing) -> bool:
        """Whether a body bears the name."""
        return (
            body.kind is self.kind
            and body.government is not None
            and (EVERY in self.governments or body.government in self.governments)
            and (not self.sizes or _size(body.government) in self.sizes)
            and (not body.organs or any(_is_meant(self.organ, organ) for organ in body.organs))
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """Entry of the table of bodies (受領者の登録): a name of its own, or an organ of a government."""

    kind: Kind
    #: The local government it belongs to; None: none.
    government: str | None = None
    #: Which of the government's bodies it is; empty: all of them, as the government's own node.
    organs: tuple[str, ...] = ()
    #: Names that it bears by itself.
    names: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """Who asks, in the law (受領者): a state's, a prefecture's or a municipality's."""

    kind: Kind
    #: The prefecture it is, or is of; None: of none.
    prefecture: str | None
    #: The names under which the tables list it.
    names: frozenset[str]
    #: The local government it is, or is of; None: of none.
    government: str | None = None


class Recipients:
    """The tables of recipients (受領者の表)."""

    def __init__(
        self,
        names: Mapping[str, frozenset[str]],
        classes: Iterable[NameClass],
        bodies: Mapping[str, Listing],
    ) -> None:
        """Take what is listed."""
        self._names, self._classes, self._listed = names, tuple(classes), bodies
        self._bodies: dict[tuple[str, Kind, str | None], Body] = {}

    def names(self, text: str) -> frozenset[str]:
        """The names that stand in the words of a row; words that are not listed are one name."""
        return self._names.get(text) or frozenset((text,))

    def body(self, node: str, kind: Kind, prefecture: str | None) -> Body:
        """Who a node is in the law: as listed, or a government by its code."""
        found = self._bodies.get((node, kind, prefecture))
        if found is None:
            found = self._bodies[node, kind, prefecture] = self._body(node, kind, prefecture)
        return found

    def _body(self, node: str, kind: Kind, prefecture: str | None) -> Body:
        listed = self._listed.get(node)
        if listed is not None:
            prefecture = prefecture_of(listed.government) if listed.government else prefecture
        else:
            listed = Listing(kind=kind, government=node if node in municipalities() else None)
            prefecture = node if kind is Kind.PREFECTURE else prefecture
        borne = {one.name for one in self._classes if one.is_borne_by(listed)}
        return Body(
            kind=listed.kind,
            prefecture=prefecture,
            names=listed.names | borne,
            government=listed.government,
        )


def _size(government: str) -> str:
    return municipalities()[government].kind.value


def _is_meant(wanted: str, organ: str) -> bool:
    return wanted in {organ, "any"} or (wanted == "not head" and organ != _HEAD)
