# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""The engine of bulk provision alone, in a process of its own so that its memory can be seen; `bulk.py` runs it.

What it does to each part of a file of keys is what a provider does: find, weigh, read what is granted, write the answer,
make the log with a salted leaf for each person, and commit both log and journal row, fsync on. Then, and not before,
the answer gets its name. Two threads work, each on the parts of a turn, in one pass over the snapshot; one connection
commits them in their order.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
from pyarrow import ipc

from openjuki.config import CENTRE, JST, Kind
from openjuki.law.basis import Key, Method
from openjuki.law.book import Book
from openjuki.law.decision import Grant, Request, decide
from openjuki.nodes.bulk import engine
from openjuki.nodes.bulk.engine import Question
from openjuki.store import parts
from openjuki.store.database import connect
from openjuki.store.snapshot import Generation, Overlay, State
from openjuki.wire.bulk import KeyKind
from openjuki.wire.part import Carried, Part

if TYPE_CHECKING:
    from collections.abc import Sequence

    from openjuki.nodes.bulk.engine import AnswerPart

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=JST)
#: 日本年金機構, thirteen items under one basis.
ASKER, AFFAIR = "agency-nenkin", "state-115"
#: Turns under work, and turns that are begun before their time; most parts in a turn.
THREADS, AHEAD, TOGETHER = 2, 3, 7
KEYS = {
    KeyKind.RESIDENT_CODE: frozenset((Key.RESIDENT_CODE,)),
    KeyKind.FOUR_ITEMS: frozenset((Key.NAME, Key.BIRTH_DATE, Key.SEX, Key.ADDRESS)),
}


class Memory(threading.Thread):
    """The most anonymous memory that this process has had since it began to look."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.peak, self._over = 0, threading.Event()

    def run(self) -> None:
        while not self._over.wait(0.01):
            self.peak = max(self.peak, anonymous())

    def stop(self) -> int:
        self._over.set()
        self.join()
        return self.peak


def anonymous() -> int:
    """Bytes of anonymous memory of this process."""
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith("RssAnon:"):
            return int(line.split()[1]) * 1024
    raise SystemExit("the kernel does not say how much memory is anonymous")


def granted(kind: KeyKind) -> Grant:
    """What the statute book grants the agency."""
    request = Request(
        recipient_kind=Kind.AGENCY,
        recipient=ASKER,
        prefecture=None,
        office="records",
        holds=True,
        operator="system:1",
        terminal="system:1",
        affair=AFFAIR,
        reason="現況の確認",
        keys=KEYS[kind],
        provider_kind=Kind.CENTRE,
        provider=CENTRE,
        method=Method.BULK,
    )
    decision = decide(request, Book.load(), NOW)
    if not isinstance(decision, Grant):
        raise SystemExit(f"refused: {decision.rule}")
    return decision


def evenly(numbers: int) -> list[Sequence[int]]:
    """The parts in turns of one size, as many turns for each thread: so that none waits for the last one."""
    rounds = -(-numbers // (THREADS * TOGETHER))
    bounds = [numbers * turn // (THREADS * rounds) for turn in range(THREADS * rounds + 1)]
    return [range(*pair) for pair in pairwise(bounds) if pair[0] < pair[1]]


class Bench:
    """A request that is answered part by part."""

    def __init__(self, generation: Path, keys: Path, answers: Path, kind: KeyKind) -> None:
        found = Generation.open(generation)
        self.state = State(generation=found, overlay=Overlay(), size=found.size, root=found.root, at=NOW)
        self.keys = ipc.open_file(pa.memory_map(str(keys)))
        self.answers, self.kind, self.grant = answers, kind, granted(kind)
        self.request = os.urandom(16).hex()

    def answer(self, numbers: Sequence[int]) -> list[tuple[parts.Written, int]]:
        """Answers of a turn's parts in files that have no names yet, and their logs."""
        keys = (pa.Table.from_batches([self.keys.get_batch(number)]) for number in numbers)
        questions = [Question(self.kind, one, self.grant) for one in keys]
        told = engine.answer(self.state, questions, NOW.date())
        return [self.written(number, part) for number, part in zip(numbers, told, strict=True)]

    def written(self, number: int, part: AnswerPart) -> tuple[parts.Written, int]:
        """A part's answer in its file, and its log."""
        (self.answers / f"{number}.draft").write_bytes(part.stream)
        said = Part(
            request=self.request,
            number=number,
            asker=ASKER,
            through=None,
            affair=AFFAIR,
            office="records",
            operator="system:1",
            terminal="system:1",
            method=Method.BULK,
            reason=bytes(32),
            key=self.kind.value,
            bases=tuple(Carried(basis.article, basis.items) for basis in self.grant.bases),
            retention=self.grant.bases[0].retention,
            state=part.state,
            at=NOW,
            results=part.results,
        )
        return parts.write(said, part.codes, part.log_results, part.log_bases, os.urandom), len(part.stream)

    async def run(self, database: str) -> dict[str, int]:
        """All of it, committed part by part."""
        turns = evenly(self.keys.num_record_batches)
        counts = {"asked": 0, "rows": 0, "answer_bytes": 0, "parquet_bytes": 0}
        async with await connect(database) as book:
            with ThreadPoolExecutor(THREADS) as pool:
                begin = partial(asyncio.get_running_loop().run_in_executor, pool, self.answer)
                waiting = list(map(begin, turns[:AHEAD]))
                for place, numbers in enumerate(turns):
                    told = await waiting.pop(0)
                    waiting += map(begin, turns[place + AHEAD :][:1])
                    for number, (written, size) in zip(numbers, told, strict=True):
                        await parts.keep(book, written)
                        await book.commit()
                        (self.answers / f"{number}.draft").rename(self.answers / f"{number}.arrow")
                        counts["asked"] += written.part.asked
                        counts["rows"] += written.part.rows
                        counts["answer_bytes"] += size
                        counts["parquet_bytes"] += len(written.log)
        return counts


def main() -> None:
    """Answer a file of keys, and say how it went."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--generation", type=Path, required=True)
    parser.add_argument("--keys", type=Path, required=True)
    parser.add_argument("--answers", type=Path, required=True)
    parser.add_argument("--kind", type=KeyKind, required=True)
    parser.add_argument("--database", required=True)
    given = parser.parse_args()
    bench = Bench(given.generation, given.keys, given.answers, given.kind)
    before, memory = anonymous(), Memory()
    memory.start()
    wall, processor = time.perf_counter(), time.process_time()
    counts = asyncio.run(bench.run(given.database))
    seconds = time.perf_counter() - wall
    figures = {
        **counts,
        "seconds": round(seconds, 2),
        "cpu_seconds": round(time.process_time() - processor, 2),
        "per_second": round(counts["asked"] / seconds),
        "anonymous_before": before,
        "anonymous_peak": memory.stop(),
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
