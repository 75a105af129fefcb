# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""How the day went, for people (tables) and for machines (one JSON object, ``openjuki/demo/1``)."""

from __future__ import annotations

import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.panel import Panel
from rich.table import Table

from openjuki.config import Kind
from openjuki.simulation.provided import Provided

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from rich.console import Console

    from openjuki.simulation.agreement import Agreement
    from openjuki.simulation.day import Happened
    from openjuki.simulation.enquiries import Enquired
    from openjuki.simulation.evening import Evening
    from openjuki.simulation.founding import PlannedNode


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a nation's day came to (一日の結果)."""

    nodes: Sequence[PlannedNode]
    agreement: Agreement
    #: Milliseconds from a town's commit to the Centre's, of each notice of the day.
    propagation_ms: Sequence[float]
    #: Residents imported, and how long until the Centre had them all.
    imported: int
    import_seconds: float
    happened: Sequence[Happened]
    centre_digest: str
    #: What the agencies asked, and what the books say of what was provided.
    enquired: Sequence[Enquired] = ()
    provided: Provided = Provided()  # noqa: RUF009 - it is frozen
    #: What was not asked one at a time; nothing where the nation has no agencies.
    evening: Evening | None = None

    @property
    def is_agreed(self) -> bool:
        """Whether all books agree, everything released is recorded, and every proof holds."""
        return not any(
            (
                self.agreement.mismatches,
                self.agreement.duplicates,
                self.provided.unlogged,
                self.provided.parts_unlogged,
                self.evening and self.evening.followed.foreign,
                self.evening and self.evening.disclosed.broken,
            )
        )


def summary(outcome: Outcome) -> dict[str, Any]:
    """The JSON result (docs/reference/json.md)."""
    agreement = outcome.agreement
    return {
        "residents": dict(agreement.residents),
        "notices": {
            "sent": agreement.sent,
            "applied_prefecture": agreement.applied_prefecture,
            "applied_centre": agreement.applied_centre,
        },
        "mismatches": agreement.mismatches,
        "duplicates": agreement.duplicates,
        "propagation_ms": {
            "p50": round(quantile(outcome.propagation_ms, 0.50), 1),
            "p99": round(quantile(outcome.propagation_ms, 0.99), 1),
        },
        "centre_digest": outcome.centre_digest,
        "provisions": _provisions(outcome),
        **_evening(outcome),
    }


def _provisions(outcome: Outcome) -> dict[str, Any]:
    """What was asked (at the askers), and what was provided (at the providers)."""
    provided, refused = outcome.provided, Counter(one.rule for one in outcome.enquired if one.rule)
    return {
        "asked": len(outcome.enquired),
        "answered": dict(sorted(Counter(one.result for one in outcome.enquired).items())),
        "refused_by_rule": dict(sorted(refused.items())),
        "logged": provided.logged,
        "released": provided.released,
        "released_not_logged": provided.unlogged,
        "through_governor": provided.through_governor,
        "by_affair": provided.by_affair,
        "by_article": provided.by_article,
        "by_result": provided.by_result,
    }


def _evening(outcome: Outcome) -> dict[str, Any]:
    """The file of keys (at the asker), parts (at the providers), changes, and what somebody was shown of it all."""
    if outcome.evening is None:
        return {"bulk": None, "clientele": None, "disclosure": None}
    (bulk, followed, disclosed), provided = outcome.evening, outcome.provided
    return {
        "bulk": {
            "rows": bulk.rows,
            "answered_rows": bulk.answered_rows,
            "malformed": bulk.malformed,
            "duplicates": bulk.duplicates,
            "results": bulk.results,
            "parts": provided.parts,
            "persons": provided.persons_in_parts,
            "parts_released_not_logged": provided.parts_unlogged,
        },
        "clientele": {
            "listed": followed.listed,
            "told": followed.told,
            "by_meaning": followed.by_meaning,
            "told_of_others": followed.foreign,
        },
        "disclosure": {
            "node": disclosed.node,
            "lines": disclosed.lines,
            "by_method": disclosed.by_method,
            "recipients": disclosed.recipients,
            "proofs": disclosed.proofs,
            "codes": disclosed.codes,
            "page": disclosed.page,
        },
    }


def show(outcome: Outcome, console: Console) -> None:
    """Tables: the towns, what happened, and whether the books agree."""
    console.print(_towns(outcome))
    console.print(_events(outcome.happened))
    if outcome.enquired:
        console.print(_enquiries(outcome.enquired))
    console.print(_verdict(outcome))


def quantile(values: Sequence[float], share: float) -> float:
    """The value that this share of the values does not exceed; 0 where there are none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0.0


def _towns(outcome: Outcome) -> Table:
    table = Table(title="市区町村 Municipalities", title_justify="left")
    table.add_column("機関 Node", style="cyan")
    table.add_column("名称 Name")
    table.add_column("台帳 Register")
    table.add_column("住民 Residents", justify="right")
    for node in outcome.nodes:
        if node.kind is Kind.MUNICIPALITY:
            register = "自庁 own" if node.register == "own" else "CSのみ CS only"
            table.add_row(node.id, node.name, register, f"{outcome.agreement.residents[node.id]:,}")
    table.add_section()
    table.add_row("", "合計 Total", "", f"{sum(outcome.agreement.residents.values()):,}")
    return table


def _events(happened: Sequence[Happened]) -> Table:
    table = Table(title="この日の異動 The day's changes", title_justify="left")
    table.add_column("異動 Change")
    table.add_column("件 Count", justify="right")
    table.add_column("例 Example")
    counts: dict[str, list[Happened]] = {}
    for event in happened:
        counts.setdefault(event.title, []).append(event)
    for title, events in counts.items():
        table.add_row(title, f"{len(events):,}", events[0].example)
    return table


def _enquiries(enquired: Sequence[Enquired]) -> Table:
    table = Table(title="この日の照会と提供 What the agencies asked", title_justify="left")
    table.add_column("機関と事務 Agency, affair", style="cyan", overflow="fold")
    table.add_column("照会 Enquiry", overflow="fold")
    table.add_column("件 Count", justify="right")
    table.add_column("結果 Results", overflow="fold")
    kinds: dict[tuple[str, str, str], Counter[str]] = {}
    for one in enquired:
        results = kinds.setdefault((one.title, one.node, one.affair), Counter())
        results[one.rule or one.result] += 1
    for (title, node, affair), results in sorted(kinds.items(), key=lambda kind: kind[0][1:]):
        said = ", ".join(f"{result} {count:,}" for result, count in sorted(results.items()))
        who = f"{node.removeprefix('agency-')} {affair}"
        table.add_row(who, title, f"{sum(results.values()):,}", said)
    return table


def _verdict(outcome: Outcome) -> Panel:
    agreement, provided, p = outcome.agreement, outcome.provided, outcome.propagation_ms
    road = f"{agreement.sent:,} → {agreement.applied_prefecture:,} → {agreement.applied_centre:,}"
    times = f"p50 {quantile(p, 0.5):,.0f} ms, p99 {quantile(p, 0.99):,.0f} ms"
    provisions = (
        f"{provided.logged:,} recorded, {provided.through_governor:,} through a governor; "
        f"{provided.released:,} released, {provided.unlogged:,} of them unrecorded"
    )
    lines = [
        f"通知 Notices, towns → prefectures → Centre: {road}; held {agreement.held}",
        f"到達 Town to Centre: {times} ({len(p):,} notices of the day)",
        f"取込 Registers: {outcome.imported:,} residents at the Centre in {outcome.import_seconds:,.1f} s",
        f"照合 Books compared: mismatches {agreement.mismatches}, duplicates {agreement.duplicates}",
        f"提供 Provisions: {provisions}",
        *_later(outcome),
        f"要約 Digest at the Centre: {outcome.centre_digest}",
    ]
    title = "すべての台帳が一致 All books agree" if outcome.is_agreed else "不一致あり The books differ"
    return Panel(
        "\n".join(lines),
        title=title,
        border_style="green" if outcome.is_agreed else "red",
        title_align="left",
    )


def _later(outcome: Outcome) -> Iterable[str]:
    """What was asked by file, what a clientele was told, and what somebody was shown of it."""
    if outcome.evening is None:
        return
    (bulk, followed, disclosed), provided = outcome.evening, outcome.provided
    yield (
        f"一括照会 In bulk: {bulk.rows:,} rows asked, {bulk.answered_rows:,} answered in {bulk.seconds:,.1f} s"
        f" ({_said(bulk.results)}); {provided.parts_unlogged} of {provided.parts} parts unrecorded"
    )
    yield (
        f"異動の提供 Changes for a clientele: {followed.listed:,} listed, {followed.told:,} told"
        f" ({_said(followed.by_meaning)}); {followed.foreign} of others"
    )
    yield (
        f"開示 Disclosure: {disclosed.lines:,} lines about one person ({_said(disclosed.by_method)}),"
        f" proofs {_said(disclosed.proofs)}: {disclosed.page}"
    )


def _said(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {count:,}" for name, count in counts.items())


def invite(home: Path, page: str, console: Console) -> None:
    """What to try while the nation stays up."""
    lines = (
        f"{page:<29}稼働状況の画面 / the live page, for a browser",
        f"export PATH={Path(sys.prefix) / 'bin'}:$PATH",
        f"export OPENJUKI_HOME={home}",
        "juki change --help           異動を記録 / record a life event at a town",
        "juki import --help           台帳を取込 / import a register",
        "juki directory show          機関名簿 / who belongs to the network",
        "juki report --help           提供の集計 / count and bill what was provided",
        "juki disclose --help         開示 / tell people what is held about them",
        "Ctrl-C                       終了 / press Ctrl-C to stop the nation",
    )
    console.print(Panel("\n".join(lines), title="稼働中 The nation is up", title_align="left"))
