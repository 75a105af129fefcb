# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Changes for a clientele: an agency's list of ten million against a day's hundred thousand changes, over the network.

    make bench-clientele
    .venv/bin/python benchmarks/clientele.py --keys 1000000 --changes 10000

A Centre knows twice as many persons as something happens to. Of those to whom something happens every other one is on
the list, which is filled up with codes of persons to whom nothing happens. They die, move, leave the country, change
names and codes, or are corrected in what the affair is not told. The agency asks once: it shows its list to the Centre
chunk by chunk, and what comes back must be every relevant change once, and none that is irrelevant. Then the Centre's
books are searched for the list. Signer, broker, nodes and database share the machine.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import tempfile
import time
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from itertools import batched
from pathlib import Path

import numpy as np
import psycopg
from rich.console import Console
from rich.table import Table

import initial_load
import people
from openjuki.codes.resident import ResidentCode
from openjuki.config import CENTRE, clock
from openjuki.errors import PeerUnavailable
from openjuki.nodes.clientele import asking, putting
from openjuki.nodes.node import opened, opened_office
from openjuki.residents.changes import Reason
from openjuki.residents.notice import Notice, digest
from openjuki.residents.stays import Admitted, admit
from openjuki.simulation import clerks
from openjuki.simulation.agencies import AGENCIES
from openjuki.simulation.launcher import Nation
from openjuki.simulation.nation_plan import NATION
from openjuki.simulation.progress import Progress
from openjuki.store import clientele, journal, parts, records
from openjuki.store.bulk import load
from openjuki.wire.bulk import KeyKind
from openjuki.wire.clientele import Meaning, Told

AFFAIR, LIST = "state-115", "pensioners"
BATCH = 1_000
#: What happens, in turn, and what it means to the agency; None: nothing.
HAPPENS = (
    (Reason.MOVED_WITHIN, Meaning.MOVED_WITHIN, {"address": "新町一丁目1番1号"}),
    (Reason.DIED, Meaning.DIED, {}),
    (Reason.MOVED_WITHIN, Meaning.MOVED_WITHIN, {"address": "新町二丁目2番2号"}),
    (Reason.CORRECTED_EX_OFFICIO, Meaning.NAME_CHANGED, {"name": "新姓　変更"}),
    (Reason.MOVED_ABROAD, Meaning.MOVED_ABROAD, {}),
    (Reason.MINOR_CORRECTION, None, {}),
    (Reason.MOVED_WITHIN, Meaning.MOVED_WITHIN, {"address": "新町三丁目3番3号"}),
    (Reason.CODE_CHANGED_ON_REQUEST, Meaning.KEY_SUPERSEDED, {}),
)


def notices(url: str, changes: int) -> list[Notice]:
    """Something happens to so many of those whom the Centre knows, and to nobody twice."""
    query = (
        "SELECT resident_code, individual_number, name, furigana, former_surname, former_surname_furigana, alias, "
        "birth_date::text, sex, municipality, address, stay "
        "FROM record WHERE birth_date_recorded IS NULL ORDER BY md5(resident_code) LIMIT %s"
    )
    now = clock()
    with psycopg.connect(url, row_factory=psycopg.rows.dict_row) as book:
        known = book.execute(query, [changes]).fetchall()
    return [_notice(row, place, now) for place, row in enumerate(known)]


def _notice(row: dict, place: int, now) -> Notice:
    reason, _, items = HAPPENS[place // 2 % len(HAPPENS)]
    told = {
        **row,
        "version": 2,
        "reason": reason,
        "date_of_change": now.date().isoformat(),
        "recorded_at": now.isoformat(),
        "previous_resident_code": None,
        "previous_individual_number": None,
        "predecessor_municipality": None,
        "predecessor_stay": None,
        **items,
    }
    if reason is Reason.CODE_CHANGED_ON_REQUEST:
        told["previous_resident_code"] = row["resident_code"]
        told["resident_code"] = ResidentCode.from_body(f"{9_990_000_000 + place:010d}")
    return Notice.from_dict(told)


def expected(told: list[Notice]) -> Counter:
    """Which changes the list must be told: of every other one to whom something happened that matters."""
    return Counter(
        (str(one.previous_resident_code or one.identification.resident_code), meaning)
        for place, one in enumerate(told)
        if place % 2 == 0 and (meaning := HAPPENS[place // 2 % len(HAPPENS)][1]) is not None
    )


async def take_in(centre, told: list[Notice]) -> None:
    """Take notices in at the Centre as if they came up a link."""
    for some in batched(told, BATCH):
        raw = [one.to_bytes() for one in some]

        async def work(connection, some=some, raw=raw):
            persons = await records.load_persons(connection, some)
            for one, bytes_ in zip(some, raw, strict=True):
                hashed, town = digest(bytes_), one.identification.municipality
                admitted = admit(persons.find(one), one, town, hashed)
                assert isinstance(admitted, Admitted), admitted
                persons.admit(one, admitted, origin=town, digest=hashed)
            await records.write_admitted(connection, persons, centre.clock())
            rows = [
                journal.Entry(
                    kind="notice.applied",
                    recorded_at=centre.clock(),
                    payload=b'{"notice":' + bytes_ + b',"origin":"bench","seq":1}',
                    salt=centre.entropy(journal.SALT_SIZE),
                )
                for bytes_ in raw
            ]
            await journal.append(connection, rows)

        await centre.transact(work)


async def measure(nation: Nation, agency: str, told: list[Notice], keys: np.ndarray, progress) -> dict:
    """Put the list, let things happen, ask once, and hold what came against what had to come."""
    centre_url = nation.urls()[CENTRE]
    async with opened(nation.settings, agency, simulated=True) as node:
        office = next(one for one in AGENCIES[0].offices if AFFAIR in one.affairs)
        by = putting.By(office.operators[0], office.terminal)
        began = time.perf_counter()
        wish = putting.Wish(LIST, AFFAIR, "受給権者の異動", by, KeyKind.RESIDENT_CODE)
        await putting.put(node, wish, keys)
        put = time.perf_counter() - began
        with progress.stage("the Centre's journal is vouched for"):
            await vouched(node)
        with progress.stage(f"{len(told):,} changes at the Centre"):
            async with opened_office(nation.settings, CENTRE) as centre:
                await take_in(centre, told)
            await sequenced(centre_url)
        before = size(centre_url)
        began = time.perf_counter()
        outcomes = await asking.ask(node, LIST)
        seconds = time.perf_counter() - began
        came = await node.read(lambda book: clientele.changes(book, LIST, limit=10 * len(told)))
    seen = Counter((one.key, one.meaning) for one in (Told.from_bytes(change.told) for change in came))
    wanted = expected(told)
    assert seen == wanted, f"{len(wanted - seen)} missing, {len(seen - wanted)} irrelevant or twice"
    return {
        "seconds": round(seconds, 2),
        "turns": len(outcomes),
        "put_seconds": round(put, 2),
        "changes": len(told),
        "told": len(came),
        "relevant": wanted.total(),
        "list_bytes": sum(path.stat().st_size for path in putting.listing.folder(node).glob("*.keys")),
        "centre_grew_bytes": size(centre_url) - before,
        "keys_found_at_the_centre": await searched(centre_url, keys, wanted),
    }


async def vouched(node) -> None:
    """Begin: before the Centre's journal is signed and confirmed it tells nothing."""
    for _ in range(300):
        try:
            await asking.ask(node, LIST)
        except PeerUnavailable:
            await asyncio.sleep(1)
        else:
            return
    raise SystemExit("the Centre's journal is not vouched for")


async def sequenced(url: str) -> None:
    """Wait until everything has its place in the journal."""
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as book:
        while (await (await book.execute("SELECT EXISTS (SELECT FROM journal_pending)")).fetchone())[0]:  # noqa: ASYNC110 - it happens in another process
            await asyncio.sleep(0.1)


def size(url: str) -> int:
    """Bytes of the Centre's database."""
    with psycopg.connect(url) as book:
        return book.execute("SELECT pg_database_size(current_database())").fetchone()[0]


async def searched(url: str, keys: np.ndarray, wanted: Counter) -> int:
    """How many of those on the list who were not told about stand in what the Centre wrote down about the turn."""
    told = np.array([int(key) for key, _ in wanted], np.int64)
    others = np.setdiff1d(keys, told)
    with psycopg.connect(url) as book:
        logged = [parts.codes(log) for (log,) in book.execute("SELECT log FROM provision_part")]
        rows = book.execute(
            "SELECT payload FROM journal WHERE kind LIKE 'clientele.%' OR kind = 'provision.part' "
            "UNION ALL SELECT payload FROM journal_pending WHERE kind LIKE 'clientele.%' OR kind = 'provision.part'"
        )
        texts = b"\n".join(payload for (payload,) in rows)
        texts += "\n".join(row for (row,) in book.execute("SELECT t::text FROM clientele_told AS t")).encode()
    named = sum(f"{key:011d}".encode() in texts for key in others[:: max(1, len(others) // 1000)].tolist())
    return int(sum(np.isin(found, others).sum() for found in logged)) + named


def run(keys: int, changes: int, home: Path, progress: Progress) -> dict[str, object]:
    """Found the nation, fill the Centre, and measure."""
    everybody = initial_load.persons(2 * changes)
    plan = [replace(prefecture, municipalities=prefecture.municipalities[:1]) for prefecture in NATION[:2]]
    agencies = AGENCIES[:1]
    with Nation(home, seed=7, progress=progress, plan=plan, agencies=agencies) as nation:
        with progress.stage(f"{2 * changes:,} persons at the Centre"):
            at = clock() - timedelta(hours=1)
            load(nation.postgres.owner_url(CENTRE), everybody, at=at, number_key=initial_load.KEY)
        asyncio.run(clerks.found(nation.settings, (), nation.agencies))
        told = notices(nation.urls()[CENTRE], changes)
        codes = [one.previous_resident_code or one.identification.resident_code for one in told]
        happened = np.array(list(map(int, codes)), np.int64)
        quiet = np.setdiff1d(people.codes(keys), happened)[: keys - len(happened[::2])]
        listed = np.concatenate([happened[::2], quiet])
        agency = next(iter(nation.gateways()))
        return asyncio.run(measure(nation, agency, told, listed, progress))


def table(result: dict) -> Table:
    """For people."""
    shown = Table("changes for a clientele", "")
    for name in ("keys", "changes", "relevant", "told", "seconds", "list_bytes", "keys_found_at_the_centre"):
        shown.add_row(name.replace("_", " "), f"{result[name]:,}")
    return shown


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--keys", type=int, default=10_000_000)
    parser.add_argument("--changes", type=int, default=100_000)
    arguments = parser.parse_args()
    before = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as folder, Progress(Console(stderr=True)) as progress:
        found = run(arguments.keys, arguments.changes, Path(folder), progress)
    machine = {"processor": platform.machine(), "cores": os.cpu_count(), "load_before": round(before, 1)}
    found = {"schema": "openjuki/bench-clientele/1", "machine": machine, "keys": arguments.keys, **found}
    Console(stderr=True).print(table(found))
    print(json.dumps(found, ensure_ascii=False))
