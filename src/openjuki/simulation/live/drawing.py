# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""A drawing of a prefecture with its municipalities (略図): an outline, a spot for each, and its name beside it. Pure.

The prefecture's server stands above its outline, in the middle; every town's line leads there.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import orjson

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

#: Size of a drawing; the outline keeps clear of the prefecture's server above it and of the margins.
WIDTH, HEIGHT = 360, 300
_TOP, _MARGIN = 62, 14
#: Where the prefecture's server stands.
SERVER: Final = (WIDTH / 2, 20.0)
#: Size of a name: of one character, of a line, and how far it keeps from its spot.
_CHARACTER, _LINE, _GAP = 14.0, 18.0, 11.0
#: Size of Japan.
JAPAN: Final = 150

type Point = tuple[float, float]


class Box(NamedTuple):
    """A rectangle that something takes up."""

    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: Box) -> bool:
        """Whether two of them overlap."""
        across = self.left < other.right and other.left < self.right
        return across and self.top < other.bottom and other.top < self.bottom


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """A municipality on the drawing."""

    code: str
    x: float
    y: float
    #: Where its name begins, and its base line.
    name_x: float
    name_y: float
    #: Whether it lies off the outline: then some land is drawn under it.
    islet: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """A prefecture, drawn (略図)."""

    #: Outline, as a path of SVG.
    outline: str
    spots: tuple[Spot, ...]


@dataclass(frozen=True, slots=True)
class _Projection:
    """Degrees to places on the paper: as large as fits, in the middle."""

    middle: Point
    scale: float
    centre: Point

    @classmethod
    def fitting(cls, points: Sequence[Point], box: Box) -> _Projection:
        left, right = min(x for x, _ in points), max(x for x, _ in points)
        low, high = min(y for _, y in points), max(y for _, y in points)
        shrink = math.cos(math.radians((low + high) / 2000))
        width, height = box.right - box.left, box.bottom - box.top
        scale = min(width / ((right - left) * shrink), height / (high - low))
        middle = ((left + right) / 2, (low + high) / 2)
        return cls(middle, scale, ((box.left + box.right) / 2, (box.top + box.bottom) / 2))

    def place(self, point: Point) -> Point:
        shrink = math.cos(math.radians(self.middle[1] / 1000))
        x = self.centre[0] + (point[0] - self.middle[0]) * shrink * self.scale
        return round(x, 1), round(self.centre[1] - (point[1] - self.middle[1]) * self.scale, 1)


@cache
def draw(prefecture: str, towns: tuple[tuple[str, str], ...]) -> Drawing:
    """Draw a prefecture (its two digits or its code) and some of its towns (code and name)."""
    ring = [(x, y) for x, y in _read("outlines")[prefecture[:2]]]
    known = {code: (place[0], place[1]) for code, _ in towns if (place := _read("places").get(code))}
    paper = Box(_MARGIN, _TOP, WIDTH - _MARGIN, HEIGHT - _MARGIN)
    projection = _Projection.fitting([*ring, *known.values()], paper)
    inside = (WIDTH / 2, (_TOP + HEIGHT) / 2)
    places = {code: projection.place(known[code]) if code in known else inside for code, _ in towns}
    names = _names(towns, places)
    return Drawing(
        outline=_path(projection.place(point) for point in ring),
        spots=tuple(
            Spot(
                code=code,
                x=places[code][0],
                y=places[code][1],
                name_x=names[code].left,
                name_y=names[code].bottom - 4,
                islet=code in known and not _within(known[code], ring),
            )
            for code, _ in towns
        ),
    )


@cache
def japan() -> Mapping[str, str]:
    """Every prefecture's outline on one small drawing of Japan, by its two digits; Okinawa is brought nearer."""
    rings = {
        number: [(x + (5300 if number == "47" else 0), y + (6200 if number == "47" else 0)) for x, y in ring]
        for number, ring in _read("outlines").items()
    }
    everything = [point for ring in rings.values() for point in ring]
    projection = _Projection.fitting(everything, Box(2, 2, JAPAN - 2, JAPAN - 2))
    return {number: _path(projection.place(point) for point in ring[::4]) for number, ring in rings.items()}


def _names(towns: Sequence[tuple[str, str]], places: Mapping[str, Point]) -> dict[str, Box]:
    """Where each name stands: beside its spot, where nothing else is."""
    taken = [_around(place) for place in places.values()]
    taken.append(Box(SERVER[0] - 40, 0, SERVER[0] + 40, SERVER[1] + 16))
    names = {}
    for code, name in sorted(towns, key=lambda town: places[town[0]]):
        box = _free(places[code], len(name) * _CHARACTER, taken)
        names[code] = box
        taken.append(box)
    return names


def _around(place: Point, reach: float = 8.0) -> Box:
    return Box(place[0] - reach, place[1] - reach, place[0] + reach, place[1] + reach)


def _free(place: Point, width: float, taken: Sequence[Box]) -> Box:
    """The nearest box for a name that is on the paper and meets nothing, or else the first one tried."""
    boxes = [
        Box(left, place[1] + shift - _LINE / 2, left + width, place[1] + shift + _LINE / 2)
        for shift in (0, 17, -17, 30, -30, 44, -44)
        for left in (place[0] + _GAP, place[0] - _GAP - width, place[0] - width / 2)
    ]
    paper = Box(2, 2, WIDTH - 2, HEIGHT - 2)
    fitting = [box for box in boxes if paper.left <= box.left and box.right <= paper.right]
    fitting = [box for box in fitting if paper.top <= box.top and box.bottom <= paper.bottom]
    return next((box for box in fitting if not any(box.meets(other) for other in taken)), boxes[0])


def _within(point: Point, ring: Sequence[Point]) -> bool:
    """Whether a point lies inside a ring: a ray from it crosses the border an odd number of times."""
    x, y = point
    crossings = 0
    for (ax, ay), (bx, by) in zip(ring, [*ring[1:], ring[0]], strict=True):
        if (ay > y) != (by > y) and x < ax + (y - ay) * (bx - ax) / (by - ay):
            crossings += 1
    return crossings % 2 == 1


def _path(points: Iterable[Point]) -> str:
    return "M" + "L".join(f"{x:g} {y:g}" for x, y in points) + "Z"


@cache
def _read(name: str) -> dict[str, Any]:
    read: dict[str, Any] = orjson.loads(
        resources.files(__package__).joinpath("data", f"{name}.json").read_bytes()
    )
    return read
