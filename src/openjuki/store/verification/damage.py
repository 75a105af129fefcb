# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Damage (損傷): what a verification finds, and where: the leaf, the tile or the checkpoint, by its name.

A verification does not stop at the first damage: whoever mends a book wants to know all of it. A book of
which everything is gone would be a long list, so only the first thousand are named and the others counted.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from openjuki.errors import IntegrityFailure
from openjuki.refusal import Where

if TYPE_CHECKING:
    from collections.abc import Iterable

#: Damages named at most.
MOST_NAMED: Final = 1_000


class What(StrEnum):
    """What is wrong (損傷の種別)."""

    MISSING = "missing"
    TRUNCATED = "truncated"
    SURPLUS = "surplus"
    LEAF = "leaf"
    KIND = "kind"
    TIME = "time"
    PAYLOAD = "payload"
    BUNDLE = "bundle"
    TILE = "tile"
    TILE_MISSING = "tile-missing"
    SIGNATURE = "signature"
    COSIGNATURE = "cosignature"
    REWRITTEN = "rewritten"
    ROOT = "root"
    TREE = "tree"
    STATE = "state"
    RESTORED = "restored"
    FORKED = "forked"


#: By kind: a sentence for a clerk, one for an engineer.
SENTENCES: Final = {
    What.MISSING: ("行がありません", "is not there"),
    What.TRUNCATED: (
        "署名済みの末尾の行が失われています",
        "the journal ends here, but a longer one was signed",
    ),
    What.SURPLUS: ("木にない行があります", "stands beyond the end of the tree"),
    What.LEAF: ("葉が書き換えられています", "the leaf is not the one that the tree was built from"),
    What.KIND: ("種別が葉と一致しません", "the kind is not the one that the leaf states"),
    What.TIME: ("時刻が葉と一致しません", "the time is not the one that the leaf states"),
    What.PAYLOAD: (
        "記録内容又はソルトが葉と一致しません",
        "payload or salt is not what the leaf commits to",
    ),
    What.BUNDLE: (
        "葉の束の長さが合いません",
        "the lengths in the entry bundle do not add up",
    ),
    What.TILE: ("板の値が葉から計算した値と一致しません", "the tile does not follow from what is below it"),
    What.TILE_MISSING: ("板がありません", "the tile is not there"),
    What.SIGNATURE: (
        "到達点の署名を確認できません",
        "the checkpoint is not signed by the log, or is not what was signed",
    ),
    What.COSIGNATURE: ("立会署名を確認できません", "the cosignature does not verify"),
    What.REWRITTEN: (
        "葉と板がともに書き換えられています",
        "leaves and their tile were rewritten together: the tree above has another history",
    ),
    What.ROOT: (
        "署名済みの到達点と記録簿が一致しません（書換え又は分岐）",
        "the checkpoint was signed over another history",
    ),
    What.TREE: (
        "木の現在値が葉から計算した値と一致しません",
        "the tree's row does not follow from the leaves",
    ),
    What.STATE: (
        "署名者の控えを読み取れません",
        "what the signer keeps of what it signed cannot be read",
    ),
    What.RESTORED: (
        "署名者又は立会人が確認した大きさより短くなっています（古い控えからの復元）",
        "somebody remembers a longer journal: restored from an old backup?",
    ),
    What.FORKED: (
        "署名者又は立会人が確認した記録簿と分岐しています",
        "somebody remembers another history of this journal",
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Damage:
    """One thing that is wrong (損傷)."""

    what: What
    #: The leaf; the first of them where `count` is more than 1.
    index: int | None = None
    #: How many leaves.
    count: int = 1
    #: The tile, as its path has it: ``tile/0/003``.
    tile: str | None = None
    #: The checkpoint, by its size.
    checkpoint: int | None = None
    #: Whose cosignature, or who remembers.
    witness: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """What is known of it, with its sentences."""
        places = {
            "index": self.index,
            "count": self.count if self.index is not None else None,
            "tile": self.tile,
            "checkpoint": self.checkpoint,
            "witness": self.witness,
        }
        message_ja, message_en = self.sentences
        known = {name: value for name, value in places.items() if value is not None}
        return {**known, "what": self.what.value, "message_ja": message_ja, "message_en": message_en}

    @property
    def sentences(self) -> tuple[str, str]:
        """What is wrong, for a clerk and for an engineer."""
        return SENTENCES[self.what]

    @property
    def place(self) -> str:
        """Where it is, for people and for a log."""
        leaves = "" if self.index is None else f"leaf {self.index}"
        if leaves and self.count > 1:
            leaves += f" to {self.index + self.count - 1}"  # type: ignore[operator]  # leaves says that it is there
        checkpoint = "" if self.checkpoint is None else f"checkpoint {self.checkpoint}"
        return ", ".join(filter(None, (leaves, self.tile, checkpoint, self.witness))) or "the tree"


@dataclass(slots=True)
class Findings:
    """Damages as they are found (損傷の一覧)."""

    named: list[Damage] = field(default_factory=list)
    #: Further ones, beyond those that are named.
    more: int = 0
    _known: set[Damage] = field(default_factory=set)

    def add(self, damage: Damage) -> None:
        """Take one up, unless it is known; leaves that are missing one after the other are one."""
        if damage in self._known:
            return
        last = self.named[-1] if self.named else None
        if last is not None and _continues(last, damage):
            self.named[-1] = replace(last, count=last.count + damage.count)
        elif len(self.named) < MOST_NAMED:
            self.named.append(damage)
            self._known.add(damage)
        else:
            self.more += 1

    def extend(self, damages: Iterable[Damage]) -> None:
        """Take several up."""
        for damage in damages:
            self.add(damage)

    def take(self, other: Findings) -> None:
        """Take up those of another list."""
        self.extend(other.named)
        self.more += other.more


def _continues(last: Damage, damage: Damage) -> bool:
    runs = last.what is damage.what is What.MISSING
    return runs and last.index is not None and damage.index == last.index + last.count


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """Outcome of a verification (検証結果)."""

    #: Whose journal: a node, or a folder's origin.
    node: str
    #: How many leaves there are, and the root over them as far as it could be computed.
    size: int
    root: bytes | None
    damages: tuple[Damage, ...]
    #: Further damages that are not named.
    more: int = 0

    def require(self) -> None:
        """Return only when nothing is wrong.

        Raises:
            IntegrityFailure: something is; the first damage is named, and `where` holds node and leaf.
        """
        if self.damages:
            first = self.damages[0]
            message = f"{self.node}: {first.place}: {SENTENCES[first.what][1]}"
            raise IntegrityFailure(message, where=Where(file=self.node, row=first.index))

    def to_dict(self) -> dict[str, Any]:
        """JSON result ``log-verify``."""
        return {
            "node": self.node,
            "size": self.size,
            "root": self.root.hex() if self.root is not None else None,
            "damages": [{"node": self.node, **damage.to_dict()} for damage in self.damages],
            "more": self.more,
        }
