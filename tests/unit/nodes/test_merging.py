# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""One answer of many: what ends a search, what is chosen, what several roads came to."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from fixtures.providers import answer, not_permitted
from openjuki.nodes.asking.merging import Way, chosen, found, is_conclusive, together
from openjuki.residents.look_up import Result

CENTRE, TOKYO = Way("centre", None), Way("130001", None)
HERE = {"name": "渡邉　葵", "birth_date": "1990-01-01", "municipality": "131024", "address": "一番町1番地"}
THERE = {**HERE, "municipality": "223069"}
ONE, TWO, NOBODYS = ({"individual_number": number} for number in ("123456789018", "983205673214", None))
#: What a prefecture says of somebody who may be recorded in another one now.
ELSEWHERE = ("moved_out", "left_the_country", "removed", "mismatch")


@pytest.mark.parametrize(
    ("way", "said", "ends"),
    [
        *(
            pytest.param(TOKYO, answer(result), result not in ELSEWHERE, id=f"{result} of a prefecture")
            for result in Result
            if result not in ("none", "not_permitted", "malformed")
        ),
        *(
            pytest.param(CENTRE, answer(result), True, id=f"{result}: the Centre knows of no entry elsewhere")
            for result in ELSEWHERE
        ),
        pytest.param(TOKYO, answer("none"), False, id="nobody in a prefecture"),
        pytest.param(CENTRE, answer("none"), False, id="nobody at the Centre, directly"),
        pytest.param(CENTRE, not_permitted("through-the-governor"), False, id="the governor's road is left"),
        pytest.param(TOKYO, not_permitted("outside-the-area"), False, id="somebody of another prefecture"),
        pytest.param(
            CENTRE, not_permitted("provider-not-competent"), False, id="somebody of the own prefecture"
        ),
        pytest.param(CENTRE, not_permitted("affair-not-in-force"), True, id="any other refusal"),
    ],
)
def test_an_answer_about_the_person_ends_the_search(way: Way, said: Any, ends: Any):
    """Nobody, or somebody whom another road leads to, sends the question on; everything else settles it."""
    assert is_conclusive(way, said) is ends


@pytest.mark.parametrize(
    ("said", "place"),
    [
        pytest.param([answer("none"), answer("matched", HERE)], 1, id="the last where it settles it"),
        pytest.param([answer("none"), not_permitted("outside-the-area")], 1, id="a refusal before nobody"),
        pytest.param([not_permitted("through-the-governor"), answer("none")], 0, id="though it came first"),
        *(
            pytest.param([answer(result, HERE), other], 0, id=f"{result} before {other['result']}")
            for result in ELSEWHERE
            for other in (
                answer("none"),
                not_permitted("outside-the-area"),
                not_permitted("provider-not-competent"),
            )
        ),
        pytest.param([answer("left_the_country", HERE), answer("matched", THERE)], 1, id="who came back"),
        pytest.param([answer("none"), answer("none")], 0, id="nobody anywhere"),
    ],
)
def test_the_best_answer_about_one_person_is_chosen(said: Any, place: int):
    """What is known of the person, else why it may not be told, else that nobody was found."""
    assert chosen([(TOKYO, said[0]), (CENTRE, said[1])]) == place


@pytest.mark.parametrize(
    ("said", "places"),
    [
        pytest.param([answer("matched", HERE), answer("none")], [0], id="found on one road"),
        pytest.param([answer("none"), answer("died", HERE)], [1], id="on the other"),
        pytest.param([answer("matched", HERE), answer("matched", THERE)], [0, 1], id="on both"),
        pytest.param(
            [answer("none"), not_permitted("outside-the-area")], [1], id="on none, and not to be told"
        ),
        pytest.param([answer("none"), answer("none")], [0], id="on none"),
        pytest.param(
            [answer("mismatch", count=1), answer("matched", count=1)], [1], id="one is exactly who was meant"
        ),
        pytest.param([answer("mismatch", count=1), answer("mismatch", count=1)], [0, 1], id="two who differ"),
        pytest.param(
            [answer("mismatch", count=1), answer("matched", count=1), answer("matched", count=1)],
            [0, 1, 2],
            id="two who are meant, and one who differs",
        ),
        pytest.param([answer("mismatch", count=1), answer("several", count=2)], [0, 1], id="among several"),
        pytest.param(
            [answer("moved_out", {**HERE, **ONE}), answer("matched", {**THERE, **ONE})],
            [1],
            id="one who has moved, by one number",
        ),
        pytest.param(
            [answer("moved_out", {**HERE, **ONE}), answer("moved_out", {**THERE, **ONE})],
            [1],
            id="one who moved twice, by one number",
        ),
        pytest.param(
            [answer("matched", {**HERE, **ONE}), answer("moved_out", {**THERE, **ONE})],
            [0],
            id="one who has come, of whom the Centre has not heard yet",
        ),
        pytest.param(
            [answer("matched", {**HERE, **ONE}), answer("matched", {**THERE, **ONE})],
            [0],
            id="one who has come, and is told as by a number",
        ),
        pytest.param(
            [answer("died", {**HERE, **ONE}), answer("matched", {**THERE, **ONE})],
            [0],
            id="one who came and died",
        ),
        pytest.param(
            [answer("moved_out", {**HERE, **ONE}), answer("matched", {**THERE, **TWO})],
            [0, 1],
            id="a namesake, by another number",
        ),
        pytest.param(
            [answer("moved_out", {**HERE, **NOBODYS}), answer("matched", {**THERE, **NOBODYS})],
            [0, 1],
            id="two without a number",
        ),
        pytest.param(
            [answer("moved_out", HERE), answer("matched", THERE)], [0, 1], id="a number that is not told"
        ),
    ],
)
def test_what_several_roads_lead_to_is_counted_together(said: Any, places: list[int]):
    """Answers about nobody are passed over where there is one about somebody."""
    ways = (TOKYO, CENTRE, CENTRE)
    assert list(found([*zip(ways, said, strict=False)])) == places


def read(*said: Any, most: int = 20) -> dict[str, Any]:
    return orjson.loads(together(said, most=most))


def test_several_are_candidates_by_what_tells_them_apart():
    """Numbered through from 1, whichever road led to them; nothing else is shown of them."""
    one = answer("matched", {**HERE, "state": "resident", "individual_number": "1"}, articles=["五"])
    two = answer("several", count=2, candidates=[{"candidate": n, **THERE} for n in (1, 2)], articles=["三"])

    said = read(one, two)

    assert (said["result"], said["count"], said["hits"], said["articles"]) == ("several", 3, [], ["五", "三"])
    assert said["candidates"] == [{"candidate": 1, **HERE}, *({"candidate": n, **THERE} for n in (2, 3))]


@pytest.mark.parametrize(
    ("said", "most"),
    [
        pytest.param(
            (answer("matched", HERE), answer("several", count=2, candidates=[THERE] * 2)), 2, id="together"
        ),
        pytest.param((answer("matched", HERE), answer("too_many", count=40)), 50, id="on one road"),
    ],
)
def test_of_too_many_only_the_number_is_told(said: Any, most: int):
    """The limit is that of one answer."""
    told = read(*said, most=most)

    assert (told["result"], told["candidates"], told["hits"]) == ("too_many", None, [])
    assert told["count"] == sum(one["count"] for one in said)


def test_who_verifies_is_told_that_they_are_several():
    """Yes and no would be about nobody in particular: neither is told, and nobody is shown."""
    one = answer("mismatch", count=1, items={"sex": False})

    told = read(one, one)

    assert (told["result"], told["count"], told["items"], told["candidates"]) == ("several", 2, None, None)
