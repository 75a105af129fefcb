# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
#
# /// script
# requires-python = ">=3.12"
# dependencies = ["japanese-personal-name-dataset==0.4.0", "pyarrow>=26"]
# ///
"""Derive surnames.parquet and given_names.parquet under src/openjuki/simulation/data/.

Run `uv run scripts/derive_names.py`. Surnames with their estimated bearers, and the rarer given names, come
from `japanese-personal-name-dataset` (MIT); common given names by year, second readings and rare spellings
are our own lists in scripts/names/. A given name has a weight for each of nine years; in between, the
simulation interpolates.
"""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from japanese_personal_name_dataset import load_dataset

LISTS = Path(__file__).parent / "names"
TARGET = Path(__file__).parents[1] / "src/openjuki/simulation/data"
YEARS = (1922, 1935, 1948, 1960, 1972, 1984, 1996, 2008, 2020)
#: How much of each year's children bear a name that is not in our list, per thousand.
RARER = (150, 150, 160, 190, 230, 280, 350, 420, 480)
TOTAL = 1_000_000
#: The first name of a year is about twice as common as the fiftieth.
FLATNESS = 40
#: Spellings kept of one rarer reading; readings that few spell are not kept at all.
KEPT, SPELT_ENOUGH, LONGEST = 10, 4, 3
#: In which years rarer names that end so were given, most telling ending first.
FASHIONS = {
    "male": (
        ("之介|太郎|之助", (2, 2, 1, 1, 2, 4, 5, 5, 4)),
        ("翔|斗|音|蓮|颯|空|琉|碧|凪|輝|陽|真|悠|希|生|人|馬", (0, 0, 0, 1, 1, 3, 6, 8, 8)),
        ("也|樹|介|輔|太|平|哉|貴|大|佑|吾", (0, 0, 1, 2, 5, 8, 7, 4, 3)),
        ("之|彦|明|和|幸|弘|浩|則|哲|徳|志|司|史", (1, 2, 5, 8, 8, 4, 2, 1, 1)),
        ("一|二|三|次|治|郎|朗", (6, 7, 7, 6, 5, 4, 3, 2, 2)),
        ("男|雄|夫|吉|蔵|松|作|助|造|平|義|政|助", (8, 9, 7, 4, 1, 0, 0, 0, 0)),
        ("", (2, 3, 4, 4, 3, 2, 2, 2, 2)),
    ),
    "female": (
        ("子", (6, 9, 9, 7, 5, 3, 2, 1, 1)),
        ("代|江|枝|恵|世|乃|野", (6, 6, 6, 4, 2, 1, 1, 1, 1)),
        ("美|実|見|未", (1, 2, 5, 8, 7, 5, 3, 2, 1)),
        ("香|織|佳|紀|穂|里|保|緒|加|由|理", (0, 0, 1, 4, 8, 8, 5, 3, 2)),
        (
            "奈|菜|愛|莉|花|華|音|結|咲|桜|葵|凛|羽|月|衣|希|夏|優|彩|心|葉|和|紗|茉",
            (0, 0, 0, 0, 1, 3, 7, 9, 9),
        ),
        ("", (2, 2, 2, 3, 3, 3, 3, 3, 3)),
    ),
}


def lines(name: str) -> Iterator[list[str]]:
    """The fields of each line of a list that is not a comment."""
    for line in (LISTS / name).read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            yield line.split(" ")


def katakana(hiragana: str) -> str:
    """As 氏名の振り仮名 is recorded."""
    return "".join(chr(ord(kana) + 0x60) if "ぁ" <= kana <= "ゖ" else kana for kana in hiragana)


def as_written(spelling: str) -> str:
    """Resolve 邊+E0109 (variation sequence) and 塚=FA10 (compatibility ideograph)."""
    spelling = re.sub(r"\+([0-9A-F]{5})", lambda match: chr(int(match[1], 16)), spelling)
    return re.sub(r".=([0-9A-F]{4})", lambda match: chr(int(match[1], 16)), spelling)


def surnames() -> list[tuple[str, str, int]]:
    """Spelling, reading and weight: the data set, less what its variants and second readings take."""
    bearers = {
        (name, entry["reading"]): entry["count"]
        for name, entry in load_dataset(include_last_names=True)[2].items()
    }
    for list_name in ("surname_variants.txt", "surname_readings.txt"):
        variants = list_name == "surname_variants.txt"
        for base, other, per_thousand in lines(list_name):
            for name, reading in [key for key in bearers if key[0] == as_written(base)]:
                taken = bearers[name, reading] * int(per_thousand) // 1000
                key = (as_written(other), reading) if variants else (name, other)
                if key not in bearers:
                    bearers[name, reading] -= taken
                    bearers[key] = taken
    return sorted(
        ((*key, weight) for key, weight in bearers.items() if weight), key=lambda row: (-row[2], row)
    )


def common(sex: str) -> dict[tuple[str, str], list[int]]:
    """Our list: weights by (spelling, reading), by rank in each year."""
    weights: dict[tuple[str, str], list[int]] = {}
    year = -1
    for fields in lines("given.txt"):
        if fields[0].startswith("["):
            year = YEARS.index(int(fields[1].rstrip("]"))) if fields[0] == f"[{sex}" else -1
        elif year >= 0:
            ranked = {tuple(field.split("/")): 1 / (rank + FLATNESS) for rank, field in enumerate(fields)}
            share = TOTAL * (1000 - RARER[year]) / 1000 / sum(ranked.values())
            for (spelling, reading), weight in ranked.items():
                weights.setdefault((spelling, reading), [0] * len(YEARS))[year] = round(weight * share)
    return weights


def rarer(sex: str, known: dict[tuple[str, str], list[int]]) -> dict[tuple[str, str], list[int]]:
    """The data set's: readings that many spell, in the spellings that look most usual."""
    usual = Counter(character for spelling, _ in known for character in spelling)
    found: dict[tuple[str, str], list[float]] = {}
    for reading, entry in load_dataset()[0 if sex == "male" else 1].items():
        spellings = [name for name in entry["kanji"] if len(name) <= LONGEST and (name, reading) not in known]
        if len(spellings) < SPELT_ENOUGH:
            continue
        spellings.sort(key=lambda name: (-min(usual[character] for character in name), len(name), name))
        for rank, spelling in enumerate(spellings[:KEPT]):
            if not all(usual[character] for character in spelling):
                continue
            fashion = next(years for ending, years in FASHIONS[sex] if re.search(f"({ending})$", spelling))
            found[spelling, reading] = [len(spellings) / (rank + 2) * height for height in fashion]
    totals = [sum(column) for column in zip(*found.values(), strict=True)]
    shares = [TOTAL * per_thousand / 1000 / total for per_thousand, total in zip(RARER, totals, strict=True)]
    return {
        key: [round(w * s) for w, s in zip(weights, shares, strict=True)] for key, weights in found.items()
    }


def with_variants(weights: dict[tuple[str, str], list[int]]) -> dict[tuple[str, str], list[int]]:
    """Give rare spellings their part of the usual one's weight."""
    for base, other, per_thousand in lines("given_variants.txt"):
        for name, reading in [key for key in weights if key[0] == base]:
            taken = [weight * int(per_thousand) // 1000 for weight in weights[name, reading]]
            weights[name, reading] = [w - t for w, t in zip(weights[name, reading], taken, strict=True)]
            weights[as_written(other), reading] = taken
    return {key: years for key, years in weights.items() if any(years)}


def given_names() -> Iterator[tuple[str, str, str, list[int]]]:
    """Sex, spelling, reading and weight by year."""
    for sex in ("male", "female"):
        known = common(sex)
        for (spelling, reading), years in sorted(with_variants(known | rarer(sex, known)).items()):
            yield sex, spelling, reading, years


def write(name: str, columns: dict[str, pa.Array]) -> None:
    """Write a table, the same bytes every time."""
    path = TARGET / name
    table = pa.table(columns)
    pq.write_table(
        table, path, compression="zstd", compression_level=22, write_statistics=False, store_schema=False
    )
    print(f"{name}: {len(table):,} names, {path.stat().st_size:,} bytes")


def main() -> None:
    """Write both tables."""
    spellings, readings, weights = zip(*surnames(), strict=True)
    write(
        "surnames.parquet",
        {
            "spelling": pa.array(spellings),
            "reading": pa.array([katakana(reading) for reading in readings]),
            "weight": pa.array(weights, pa.int32()),
        },
    )
    sexes, spellings, readings, years = zip(*given_names(), strict=True)
    write(
        "given_names.parquet",
        {
            "male": pa.array([sex == "male" for sex in sexes]),
            "spelling": pa.array(spellings),
            "reading": pa.array([katakana(reading) for reading in readings]),
        }
        | {f"weight_{year}": pa.array([row[i] for row in years], pa.int32()) for i, year in enumerate(YEARS)},
    )


if __name__ == "__main__":
    main()
