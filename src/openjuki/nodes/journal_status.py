# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""How a node's journal stands with those around it (記録簿の状況): its signer, its witnesses, its neighbours.

A book that was restored from an old backup adds up in itself. That something is missing can only be seen from
outside: the signer's own state, what witnesses say, and the marks that neighbours showed. All of them are
compared here with the tree of the book, and what follows is said in words.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from openjuki.errors import BadConfiguration, IntegrityFailure, JournalForked, LinkGap
from openjuki.nodes.signed_state import SignedState
from openjuki.store import alarms, anew, checkpoints, links
from openjuki.store.sequencer import read_tree

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from openjuki.nodes.node import Office
    from openjuki.store.alarms import OpenAlarm
    from openjuki.store.database import Connection
    from openjuki.store.links import Sent, Taken
    from openjuki.wire.merkle import Tree


@dataclass(frozen=True, slots=True)
class Seen:
    """How much of this node's journal somebody else has seen (他者の控え)."""

    #: ``signer``, or the id of a witness or a neighbour.
    who: str
    #: ``signer``, ``witness`` or ``neighbour``.
    role: str
    size: int
    #: A neighbour's mark on the link; None for the others.
    seq: int | None = None
    #: Whether the book is known not to extend it; otherwise only a greater size shows that.
    forked: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that somebody should know (判明したこと), in two languages."""

    #: ``journal-lost``, ``journal-to-mend``, ``journal-not-begun``, ``source-forked``, ``source-erased`` or ``source-stopped``.
    kind: str
    about: str
    message_ja: str
    message_en: str

    def to_dict(self) -> dict[str, str]:
        """JSON form."""
        return {
            "kind": self.kind,
            "about": self.about,
            "message_ja": self.message_ja,
            "message_en": self.message_en,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalStatus:
    """How a journal stands (記録簿の状況)."""

    node: str
    #: Number of the journal, as the directory lists it, and whether the book has begun it.
    journal: int
    begun: bool
    tree: Tree
    seen: Sequence[Seen]
    sent: Sequence[Sent]
    taken: Sequence[Taken]
    #: By source: the alarm about its stopped link.
    stopped: Sequence[OpenAlarm]

    @property
    def lost(self) -> Sequence[Seen]:
        """Who has seen more of the journal, or another one, than stands in the book."""
        return [seen for seen in self.seen if seen.forked or seen.size > self.tree.size]

    def findings(self) -> list[Finding]:
        """What follows, the most important first."""
        return [*self._own(), *(_source(alarm) for alarm in self.stopped)]

    def _own(self) -> Iterator[Finding]:
        for seen in self.lost:
            who = (
                ("署名者", "The signer")
                if seen.role == "signer"
                else (f"{_WHO_JA[seen.role]} {seen.who} ", f"The {seen.role} {seen.who}")
            )
            on = (
                ("", "")
                if seen.seq is None
                else (f"（通知の連番 {seen.seq:,}）", f" (number {seen.seq:,} on the link)")
            )
            yield Finding(
                "journal-lost",
                seen.who,
                f"{who[0]}は、この機関の記録簿を {seen.size:,} 件目まで{on[0]}確認していますが、"
                f"現在の記録簿（{self.tree.size:,} 件）はその続きではありません。",
                f"{who[1]} has seen this node's journal up to {seen.size:,} rows{on[1]}; "
                f"the journal of {self.tree.size:,} rows that is here does not extend it.",
            )
        if self.lost:
            yield Finding("journal-to-mend", self.node, _MEND_JA, _MEND_EN)
        if not self.begun:
            yield Finding(
                "journal-not-begun",
                self.node,
                f"名簿では記録簿番号 {self.journal} ですが、まだ起こし直していません。サーバを動かしてください。",
                f"The directory lists journal {self.journal}, which is not begun yet; run the node's server.",
            )

    def to_dict(self) -> dict[str, Any]:
        """JSON form."""
        return {
            "node": self.node,
            "state": self.state,
            "journal": self.journal,
            "size": self.tree.size,
            "root": self.tree.root.hex(),
            "seen": [
                {
                    "who": one.who,
                    "role": one.role,
                    "size": one.size,
                    "seq": one.seq,
                    "agrees": one not in self.lost,
                }
                for one in self.seen
            ],
            "links": [
                {"recipient": one.recipient, "sent": one.last, "acknowledged": one.acknowledged}
                for one in self.sent
            ],
            "sources": [
                {
                    "source": one.source,
                    "seq": one.mark.seq,
                    "size": one.mark.size,
                    "journal": one.mark.journal,
                    "at": one.at.isoformat(),
                }
                for one in self.taken
            ],
            "findings": [finding.to_dict() for finding in self.findings()],
        }

    @property
    def state(self) -> str:
        """``lost`` where others have seen what is not here, ``stopped`` where another's link stands still, else ``whole``."""
        if self.lost:
            return "lost"
        return "stopped" if self.stopped or not self.begun else "whole"


_MEND_JA = (
    "古いバックアップから復元した可能性があります。窓口での記録を止め、より新しいバックアップがあれば復元し直してください。"
    "なければ、名簿の管理者に記録簿の起こし直し（juki directory restart-journal）を依頼してください。"
)
_MEND_EN = (
    "Probably an old backup was restored. Close the counter; restore a newer backup, or where there is none have "
    "the journal begun anew (juki directory restart-journal)."
)
_WHO_JA = {"signer": "署名者", "witness": "立会人", "neighbour": "通知先"}


def _source(alarm: OpenAlarm) -> Finding:
    source, code, seq = (alarm.detail.get(name) for name in ("source", "code", "seq"))
    kind, ja, en = _SOURCES.get(str(code), _OTHERWISE)
    return Finding(
        kind,
        str(source),
        f"{source} からの取り寄せが連番 {seq} の次で止まっています（{code}）。{ja}",
        f"The link from {source} stands still after number {seq} ({code}). {en}",
    )


_OTHERWISE = (
    "source-stopped",
    "送信側の担当者に連絡してください。",
    "Somebody must look at what it sends.",
)
_FORKED = (
    "source-forked",
    "送信側の記録簿が前に確認したものと続いていません。送信側で `juki log status` を確認してください。",
    "Its journal does not extend what was seen before; what to do is done there (juki log status).",
)
#: By the code of what stopped a link: what it means, and who does what.
_SOURCES = {
    IntegrityFailure.code: _FORKED,
    JournalForked.code: _FORKED,
    LinkGap.code: (
        "source-erased",
        "この続きは送信側で既に消去されたか、欠けています。この機関を、より新しいバックアップから復元してください。",
        "What follows was erased there, or is missing; restore this node from a newer backup.",
    ),
}


async def journal_status(office: Office) -> JournalStatus:
    """How the journal of an office stands with those around it.

    Raises:
        StoreUnavailable: the database does not answer.
    """
    return await office.read(lambda connection: _look(office, connection))


async def _look(office: Office, connection: Connection) -> JournalStatus:
    number = office.directory.node(office.id).journal
    opened = await alarms.open_alarms(connection)
    return JournalStatus(
        node=office.id,
        journal=number,
        begun=await anew.is_begun(connection, number),
        tree=await read_tree(connection),
        seen=[
            *await _signer(office, connection),
            *await _witnesses(office, connection),
            *_neighbours(opened),
        ],
        sent=await links.sent(connection),
        taken=await links.taken(connection),
        stopped=[alarm for alarm in opened if alarm.kind == "link-stopped"],
    )


async def _signer(office: Office, connection: Connection) -> list[Seen]:
    """What the signer signed last, from its own state where that may be read, else as it was published."""
    origin = office.directory.origin(office.id)
    try:
        state = SignedState.load(office.settings.signer_folder)
    except (BadConfiguration, IntegrityFailure):  # another user's, as it should be
        state = None
    if state is not None and state.journal == office.directory.node(office.id).journal:
        return [Seen("signer", "signer", state.tree.size)]
    signed = await checkpoints.latest(connection)
    return [Seen("signer", "signer", signed.size)] if signed and _is_of(signed.note, origin) else []


async def _witnesses(office: Office, connection: Connection) -> list[Seen]:
    origin = office.directory.origin(office.id)
    said = await checkpoints.testimonies(connection)
    confirmed = await checkpoints.cosigned(connection)
    found = []
    for witness in office.directory.witnesses(office.id):
        testimony, last = said.get(witness), confirmed.get(witness)
        sizes = [0]
        if testimony is not None and testimony.note is not None and _is_of(testimony.note, origin):
            sizes.append(testimony.size)
        if last is not None:
            sizes.append(last.size)
        found.append(Seen(witness, "witness", max(sizes)))
    return found


def _is_of(note: bytes, origin: str) -> bool:
    return note.partition(b"\n")[0].decode(errors="replace") == origin


def _neighbours(opened: Sequence[OpenAlarm]) -> list[Seen]:
    """Neighbours whose marks do not fit: an open alarm says so."""
    return [
        Seen(alarm.detail["recipient"], "neighbour", alarm.detail["size"], alarm.detail["seq"], forked=True)
        for alarm in opened
        if alarm.kind == "journal-forked"
    ]
