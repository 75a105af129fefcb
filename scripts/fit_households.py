# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Fit src/openjuki/simulation/data/households.csv: how heads of households of each age live.

Run `.venv/bin/python scripts/fit_households.py`. It starts from a rough table after the census (国勢調査 2020:
38 % of households are single persons, 20 % couples, 25 % couples with children, 9 % lone parents, 4 % three
generations) and, by expectation maximisation, moves it until the people the simulation makes have the age
pyramid of Japan (人口推計 of October 2024, rounded).
"""

import csv
from pathlib import Path

import numpy as np

from openjuki.simulation.chance import Chance
from openjuki.simulation.households import Kind, settle

TARGET = Path(__file__).parents[1] / "src/openjuki/simulation/data/households.csv"
HOUSEHOLDS = 100_000
GROUPS = [f"{age}-{age + 4}" for age in range(15, 100, 5)]
#: Thousands of men and of women by five years of age, from 0 to 4 to 100 and over.
MEN = [
    2010,
    2460,
    2680,
    2815,
    3230,
    3390,
    3280,
    3540,
    3880,
    4450,
    4900,
    4310,
    3800,
    3520,
    3730,
    3690,
    2640,
    1520,
    640,
    140,
    11,
]
WOMEN = [
    1915,
    2340,
    2550,
    2675,
    3050,
    3170,
    3090,
    3400,
    3760,
    4330,
    4800,
    4290,
    3860,
    3690,
    4130,
    4460,
    3560,
    2550,
    1480,
    500,
    84,
]
#: Heads by age, per thousand, then how those live, per thousand, in the order of `Kind`.
ROUGH = {
    15: (12, (1000, 0, 0, 0, 0, 0, 0, 0)),
    20: (50, (930, 20, 15, 5, 10, 0, 0, 20)),
    25: (60, (780, 90, 75, 10, 25, 0, 0, 20)),
    30: (62, (520, 150, 250, 20, 40, 5, 0, 15)),
    35: (70, (360, 130, 400, 40, 50, 10, 0, 10)),
    40: (78, (300, 100, 450, 60, 60, 20, 0, 10)),
    45: (90, (290, 100, 440, 70, 65, 25, 0, 10)),
    50: (98, (310, 130, 380, 70, 70, 30, 0, 10)),
    55: (88, (320, 200, 300, 60, 75, 30, 5, 10)),
    60: (80, (320, 290, 220, 50, 65, 25, 20, 10)),
    65: (80, (330, 370, 160, 50, 40, 10, 30, 10)),
    70: (88, (350, 390, 120, 60, 10, 0, 40, 10)),
    75: (84, (390, 350, 100, 80, 0, 0, 60, 10)),
    80: (60, (450, 260, 80, 120, 0, 0, 80, 10)),
    85: (38, (520, 170, 40, 180, 0, 0, 80, 10)),
    90: (17, (560, 80, 10, 250, 0, 0, 90, 10)),
    95: (5, (600, 30, 0, 290, 0, 0, 80, 0)),
}
SAMPLE, ROUNDS = 1_000, 60


def rough_table() -> np.ndarray:
    """The table to start from."""
    return np.array([[heads * share for share in kinds] for heads, kinds in ROUGH.values()], dtype=float)


def pyramid(group: int, kind: Kind) -> np.ndarray:
    """Mean members of such a household by sex and five years of age."""
    members = settle(Chance(0, "fit", group, kind), np.full(SAMPLE, group), np.full(SAMPLE, kind))
    cell = np.minimum(members.age // 5, 20).astype(int) + 21 * ~members.male
    return np.bincount(cell, minlength=42) / SAMPLE


def fitted() -> np.ndarray:
    """The table that gives the pyramid, near the rough one."""
    table = rough_table()
    cells = np.argwhere(table > 0)
    means = np.array([pyramid(group, Kind(kind)) for group, kind in cells.tolist()])
    wanted = np.array(MEN + WOMEN) / sum(MEN + WOMEN)
    weights = table[tuple(cells.T)]
    for _ in range(ROUNDS):
        made = weights @ means
        made /= made.sum()
        weights *= (means @ (wanted / np.maximum(made, 1e-9))) / means.sum(axis=1)
    made = weights @ means / (weights @ means).sum()
    print(f"people in the wrong cell of the pyramid: {np.abs(made - wanted).sum() / 2:.2%}")
    table[tuple(cells.T)] = weights / weights.sum() * HOUSEHOLDS
    return table.round().astype(int)


def main() -> None:
    """Write the table and say how households then live."""
    table = fitted()
    with TARGET.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.writer(lines, lineterminator="\n")
        writer.writerow(["age_of_head", *(kind.name.lower() for kind in Kind)])
        writer.writerows([group, *row] for group, row in zip(GROUPS, table.tolist(), strict=True))
    for kind, share in zip(Kind, table.sum(axis=0) / table.sum(), strict=True):
        print(f"{kind.name.lower():18} {share:6.1%}")


if __name__ == "__main__":
    main()
