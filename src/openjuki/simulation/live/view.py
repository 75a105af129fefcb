# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""What a look at the nation says (画面の内容), in words and figures ready to be shown. Pure.

Only what is named here reaches the page: of an alarm, for instance, the listed members of its detail, for some
alarms name a resident code.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from openjuki.config import CENTRE, Kind
from openjuki.errors import IntegrityFailure
from openjuki.nodes import alarms
from openjuki.simulation.live.drawing import Drawing, Spot, draw
from openjuki.simulation.live.figures import STATES, Figure, State, figures
from openjuki.simulation.live.hands import DAMAGED
from openjuki.simulation.live.journey import Step, steps
from openjuki.simulation.live.words import NONE, Said, ago, called, purpose

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from openjuki.simulation.founding import PlannedNode
    from openjuki.simulation.live.hands import Damage
    from openjuki.simulation.live.reading import Alarm, Book
    from openjuki.simulation.live.watching import Lag, Sight
    from openjuki.store.verification.damage import Damage as Found

#: Waiting for longer than this is lag, in seconds; less is the way of things.
BEHIND: Final = 5.0
#: Alarms of a book that is not what it was.
_BROKEN: Final = frozenset((DAMAGED, "log-not-extended", "link-stopped", "cosign-refused", "journal-forked"))
#: Members of an alarm's detail that are nobody's personal data.
_SHOWN: Final = (
    "source",
    "recipient",
    "origin",
    "witness",
    "code",
    "seq",
    "index",
    "tile",
    "what",
    "size",
    "signed_size",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Witness:
    """A witness of a book (立会人)."""

    name: Said
    #: Since its last cosignature.
    ago: Said


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """A node, as the page shows it (機関)."""

    id: str
    name: Said
    kind: Kind
    state: State
    #: Rows of its journal, and the beginning of the root over them.
    entries: str = "–"
    root: str = "–"
    #: How many rows the newest checkpoint covers, and its age.
    signed: str = "–"
    signed_ago: Said = NONE
    unsigned: Said = NONE
    witnesses: tuple[Witness, ...] = ()
    #: Notices and letters that wait to be fetched here, and that wait elsewhere for this node.
    outgoing: int = 0
    incoming: int = 0
    waits: Said = NONE
    moving: bool = False

    @property
    def said(self) -> Said:
        """Its state in words."""
        return STATES[self.state]


@dataclass(frozen=True, slots=True, kw_only=True)
class Prefecture:
    """A prefecture with its towns, drawn (都道府県)."""

    office: Office
    drawing: Drawing
    towns: tuple[tuple[Office, Spot], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Agency:
    """An agency, drawn (国の機関等・執行機関)."""

    office: Office
    #: Whom it asks.
    asks: Said
    asked: str
    asking: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Purpose:
    """An affair for which something was provided (事務)."""

    affair: str
    name: Said
    told: str
    nobody: str
    refused: str
    through_governor: str
    in_bulk: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A held notice or an alarm (保留・警報)."""

    when: str
    where: Said
    what: Said
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tampering:
    """A byte that a visitor flipped (書換え), and who has noticed."""

    office: Office
    #: Which byte of its row, from one.
    byte: int
    ago: Said
    #: What `juki log verify` prints; None while it is at work.
    findings: tuple[str, ...] | None
    #: When the node itself raised the alarm.
    alarm: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Everything on the page (画面)."""

    at: str
    state: State
    verdict: Said
    figures: tuple[Figure, ...]
    centre: Office
    prefectures: tuple[Prefecture, ...]
    offices: tuple[Office, ...]
    towns: tuple[Office, ...]
    agencies: tuple[Agency, ...]
    purposes: tuple[Purpose, ...]
    apart: tuple[tuple[Office, Said], ...]
    damages: tuple[Tampering, ...]
    alarms: tuple[Row, ...]
    held: tuple[Row, ...]
    road: Said | None
    steps: tuple[Step, ...]
    happened: tuple[tuple[str, str, Said], ...]
    heard: str


def page(sight: Sight) -> Page:
    """Say what was seen."""
    offices = {node.id: _office(node, sight) for node in sight.nodes}
    names = {node: office.name for node, office in offices.items()}
    state, verdict = _verdict(sight, offices)
    alarms, held = tuple(_alarms(sight, names)), tuple(_held(sight, names))
    road = sight.road
    return Page(
        at=_clock(sight.at),
        state=state,
        verdict=verdict,
        figures=tuple(figures(sight)),
        centre=offices[CENTRE],
        prefectures=tuple(_prefectures(sight.nodes, offices)),
        offices=tuple(offices.values()),
        towns=tuple(office for office in offices.values() if office.kind is Kind.MUNICIPALITY),
        agencies=tuple(_agencies(sight, offices)),
        purposes=tuple(_purposes(sight)),
        apart=tuple((offices[town], ago(_since(sight.at, since))) for town, since in sight.apart.items()),
        damages=tuple(_tampering(offices[town], damage, sight) for town, damage in sight.damages.items()),
        alarms=alarms,
        held=held,
        road=None if road is None else _road_title(names[road.town], road.seq),
        steps=() if road is None else steps(road, sight.books.get(road.town), names),
        happened=tuple((_clock(at), title, names[town]) for at, title, town in reversed(sight.happened)),
        heard=f"{sight.heard_count:,}",
    )


def _office(node: PlannedNode, sight: Sight) -> Office:
    book = sight.books.get(node.id)
    out = [lag for (sender, _), lag in sight.lags.items() if sender == node.id]
    into = [lag for (_, recipient), lag in sight.lags.items() if recipient == node.id]
    name, state = called(node), _state(node.id, book, [*out, *into], sight)
    if book is None:
        return Office(id=node.id, name=name, kind=node.kind, state=state)
    since = min((lag.since for lag in out if lag.since), default=None)
    return Office(
        id=node.id,
        name=name,
        kind=node.kind,
        state=state,
        entries=f"{book.size:,}",
        root=book.root.hex()[:8],
        signed="–" if book.signed is None else f"{book.signed.size:,}",
        signed_ago=NONE if book.signed is None else ago(_since(sight.at, book.signed.at)),
        unsigned=NONE if _unsigned(book) is None else ago(_since(sight.at, _unsigned(book))),
        witnesses=tuple(_witnesses(book, sight)),
        outgoing=sum(lag.count for lag in out),
        incoming=sum(lag.count for lag in into),
        waits=NONE if since is None else ago(_since(sight.at, since)),
        moving=node.id in sight.moving,
    )


def _state(node: str, book: Book | None, lags: Iterable[Lag], sight: Sight) -> State:
    if book is None:
        return State.SILENT
    if node in sight.damages or any(alarm.kind in _BROKEN for alarm in book.alarms):
        return State.BROKEN
    if node in sight.apart:
        return State.APART
    late = any(lag.since and _since(sight.at, lag.since) > BEHIND for lag in lags if lag.count)
    return State.BEHIND if late else State.OK


def _tampering(office: Office, damage: Damage, sight: Sight) -> Tampering:
    book = sight.books.get(office.id)
    raised = [alarm.at for alarm in book.alarms if alarm.kind == DAMAGED] if book else []
    found = damage.findings
    return Tampering(
        office=office,
        byte=damage.offset + 1,
        ago=ago(_since(sight.at, damage.at)),
        findings=None if found is None else tuple(_printed(found)),
        alarm=_clock(max(raised)) if raised else "",
    )


def _printed(found: Sequence[Found]) -> Iterable[str]:
    """As `juki log verify` prints it, and how it ends."""
    for one in found:
        yield "  ".join((one.place, one.what.value, *one.sentences))
    yield f"損傷 {len(found):,} 件 damages — 終了コード exit {IntegrityFailure.exit_code if found else 0}"


def _witnesses(book: Book, sight: Sight) -> Iterable[Witness]:
    for node in sight.nodes:
        if cosigned := book.cosigned.get(node.id):
            yield Witness(name=called(node), ago=ago(_since(sight.at, cosigned.at)))


def _unsigned(book: Book) -> datetime | None:
    return None if book.signed is None else book.signed.beyond


def _prefectures(nodes: Sequence[PlannedNode], offices: Mapping[str, Office]) -> Iterable[Prefecture]:
    for node in nodes:
        if node.kind is Kind.PREFECTURE:
            own = [town for town in nodes if town.kind is Kind.MUNICIPALITY and town.prefecture == node.id]
            drawing = draw(node.id, tuple((town.id, town.name) for town in own))
            spots = {spot.code: spot for spot in drawing.spots}
            towns = tuple((offices[town.id], spots[town.id]) for town in own)
            yield Prefecture(office=offices[node.id], drawing=drawing, towns=towns)


def _agencies(sight: Sight, offices: Mapping[str, Office]) -> Iterable[Agency]:
    for node in sight.nodes:
        if node.kind is Kind.AGENCY:
            upper = [offices[node.prefecture]] if node.prefecture else []
            yield Agency(
                office=offices[node.id],
                asks=_list([*upper, offices[CENTRE]]),
                asked=f"{sight.provisions.by_asker.get(node.id, 0):,}",
                asking=node.id in sight.provisions.asking,
            )


def _purposes(sight: Sight) -> Iterable[Purpose]:
    """What was provided, the affair with the most first."""
    tallies = sight.provisions.by_affair
    for affair in sorted(tallies, key=lambda one: (-tallies[one].all, one)):
        tally = tallies[affair]
        yield Purpose(
            affair=affair,
            name=purpose(affair, sight.at.date()),
            told=f"{tally.told:,}",
            nobody=f"{tally.nobody:,}",
            refused=f"{tally.refused:,}",
            through_governor=f"{tally.through_governor:,}",
            in_bulk=f"{tally.in_bulk:,}",
        )


def _verdict(sight: Sight, offices: Mapping[str, Office]) -> tuple[State, Said]:
    """The sentence at the head, the gravest first."""
    by_state = {state: [one for one in offices.values() if one.state is state] for state in State}
    if damaged := by_state[State.BROKEN]:
        return State.BROKEN, _broken(sight, damaged)
    if silent := by_state[State.SILENT]:
        ja, en = _list(silent)
        return State.SILENT, Said(f"{ja}が応答しません。", f"{en} does not answer.")
    if sight.apart:
        ja, en = _list([offices[town] for town in sight.apart])
        return State.APART, Said(
            f"{ja}を切り離しています。通知はその台帳で待ち、失われません。",
            f"{en} is cut off. Its notices wait in its own book; nothing is lost.",
        )
    if behind := by_state[State.BEHIND]:
        ja, en = _list(behind)
        return State.BEHIND, Said(f"{ja}で通知が遅れています。", f"Notices lag at {en}.")
    return State.OK, Said(
        "すべての機関が動いており、遅れはありません。", "Every office is up, and nothing lags."
    )


def _broken(sight: Sight, damaged: Sequence[Office]) -> Said:
    ja, en = _list(damaged)
    if any(damage.findings is None for damage in sight.damages.values()):
        return Said(
            f"{ja}の記録簿が書き換えられました。検査しています。",
            f"The journal of {en} was tampered with; it is being checked.",
        )
    if sight.damages:
        return Said(
            f"{ja}の記録簿の書換えを、検査が見つけました。",
            f"The check has found that the journal of {en} was tampered with.",
        )
    return Said(
        f"{ja}に、誰かが見るべき警報があります。", f"At {en} there is an alarm that somebody must look at."
    )


def _list(offices: Sequence[Office]) -> Said:
    return Said("・".join(one.name.ja for one in offices), ", ".join(one.name.en for one in offices))


def _alarms(sight: Sight, names: Mapping[str, Said]) -> Iterable[Row]:
    found = ((node, alarm) for node, book in sight.books.items() for alarm in book.alarms)
    for node, alarm in sorted(found, key=lambda one: one[1].at, reverse=True):
        what = Said(*alarms.SAID.get(alarm.kind, (alarm.kind, alarm.kind)))
        yield Row(when=_clock(alarm.at), where=names[node], what=what, detail=_detail(alarm))


def _detail(alarm: Alarm) -> str:
    return ", ".join(f"{name} {alarm.detail[name]}" for name in _SHOWN if name in alarm.detail)


def _held(sight: Sight, names: Mapping[str, Said]) -> Iterable[Row]:
    found = ((node, held) for node, book in sight.books.items() for held in book.held)
    for node, held in sorted(found, key=lambda one: one[1].at, reverse=True):
        origin = names.get(held.origin, Said(held.origin, held.origin))
        what = Said(f"{origin.ja}の通知 第{held.seq:,}号", f"notice {held.seq:,} of {origin.en}")
        yield Row(when=_clock(held.at), where=names[node], what=what, detail=held.code)


def _road_title(town: Said, seq: int) -> Said:
    return Said(f"{town.ja}の通知 第{seq:,}号", f"Notice {seq:,} of {town.en}")


def _clock(at: datetime) -> str:
    return f"{at:%H:%M:%S}"


def _since(now: datetime, then: datetime | None) -> float:
    return 0.0 if then is None else (now - then).total_seconds()
