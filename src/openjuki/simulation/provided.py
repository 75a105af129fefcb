# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""What was provided, and is all of it recorded? (提供と記録の照合): a checker that reads only the databases.

What was released stands in the ledgers of those who asked; what was recorded, in the journals of those who provided.
Everything released must be recorded, by the provider that released it; a row whose answer never arrived is none
that was released.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import orjson
import psycopg

from openjuki.store.database import queries
from openjuki.wire.leaf import commitment

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

_SQL: Final = queries("agreement", package="openjuki.simulation")


@dataclass(frozen=True, slots=True, kw_only=True)
class Provided:
    """What was provided (提供の状況)."""

    #: Rows of the providers: questions answered, granted or refused.
    logged: int = 0
    #: Answers that askers have, each by one provider.
    released: int = 0
    #: Of these, those that their provider has not recorded: none, or something is very wrong.
    unlogged: int = 0
    #: Answers whose arrival was not confirmed yet.
    unreceipted: int = 0
    #: Rows that came through a governor (都道府県知事を経るもの).
    through_governor: int = 0
    #: Rows by affair and result.
    by_affair: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    by_result: Mapping[str, int] = field(default_factory=dict)
    by_article: Mapping[str, int] = field(default_factory=dict)
    #: Parts of bulk provisions that providers recorded, and how many persons they tell about.
    parts: int = 0
    persons_in_parts: int = 0
    #: Parts that askers have and their provider has not recorded: none, or something is very wrong.
    parts_unlogged: int = 0


def check(askers: Collection[str], providers: Mapping[str, str]) -> Provided:
    """Compare the books behind these database URLs; providers by node."""
    recorded = {(node, row[0]) for node, url in providers.items() for row in _rows(url, "provision_rows")}
    released = [one for url in askers for one in _released(url)]
    rows = [row for url in providers.values() for row in _rows(url, "provisions")]
    parts = [row for url in providers.values() for row in _rows(url, "parts")]
    part_rows = {(node, row[0]) for node, url in providers.items() for row in _rows(url, "part_rows")}
    by_affair: dict[str, Counter[str]] = {}
    for affair, result, *_ in rows:
        by_affair.setdefault(affair, Counter())[result] += 1
    return Provided(
        logged=len(rows),
        released=len(released),
        unlogged=sum(one not in recorded for one in released),
        unreceipted=sum(int(row[0]) for url in providers.values() for row in _rows(url, "unreceipted")),
        through_governor=sum(through is not None for _, _, through, _ in rows),
        by_affair={affair: dict(sorted(results.items())) for affair, results in sorted(by_affair.items())},
        by_result=_counted(result for _, result, _, _ in rows),
        by_article=_counted(article for *_, articles in rows for article in articles),
        parts=len(parts),
        persons_in_parts=sum(persons for *_, persons in parts),
        parts_unlogged=sum(one not in part_rows for url in askers for one in _parts_released(url)),
    )


def _released(url: str) -> Iterable[tuple[str, bytes]]:
    """Provider and commitment of everything that an asker was told."""
    for (content,) in _rows(url, "released"):
        came = orjson.loads(content)
        for question in came["answered"]:
            for told in question["told"]:
                yield came["envelopes"][told["envelope"]]["provider"], bytes.fromhex(told["commitment"])


def _parts_released(url: str) -> Iterable[tuple[str, bytes]]:
    """Provider and commitment of every part that an asker has."""
    for provider, salt, payload in _rows(url, "parts_released"):
        yield provider, commitment(salt, payload)


def _counted(words: Iterable[str]) -> dict[str, int]:
    return dict(sorted(Counter(words).items()))


def _rows(url: str, query: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(url) as connection:
        return connection.execute(_SQL[query]).fetchall()
