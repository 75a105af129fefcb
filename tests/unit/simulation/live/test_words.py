# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Numbers, times and names in words."""

import pytest

from openjuki.config import Kind
from openjuki.simulation.founding import PlannedNode
from openjuki.simulation.live.words import ago, called, latin, milliseconds, size


@pytest.mark.parametrize(
    ("seconds", "japanese", "english"),
    [
        pytest.param(-0.2, "0.0秒", "0.0 s", id="clocks differ a little"),
        pytest.param(3.25, "3.2秒", "3.2 s", id="a moment"),
        pytest.param(61.0, "61秒", "61 s", id="a minute"),
        pytest.param(600.0, "10分", "10 min", id="long"),
    ],
)
def test_a_duration_is_said_as_precisely_as_somebody_wants_to_know(seconds, japanese, english):
    """Tenths of a second only where they matter."""
    assert ago(seconds) == (japanese, english)


@pytest.mark.parametrize(
    ("name", "kana", "letters"),
    [
        pytest.param("小樽市", "オタルシ", "Otaru", id="a city"),
        pytest.param("余市町", "ヨイチチョウ", "Yoichi", id="a town read ちょう"),
        pytest.param("檜原村", "ヒノハラムラ", "Hinohara", id="a village"),
        pytest.param("東京都", "トウキョウト", "Tokyo", id="long vowels"),
        pytest.param("北海道", "ホッカイドウ", "Hokkaido", id="a name that keeps its ending"),
    ],
)
def test_places_are_spelt_as_on_road_signs(name, kana, letters):
    """Without what the name ends with, and without marks for long vowels."""
    assert latin(name, kana) == letters


@pytest.mark.parametrize(
    ("node", "kind", "said"),
    [
        pytest.param("centre", Kind.CENTRE, ("機構", "Centre"), id="the Centre"),
        pytest.param("131016", Kind.MUNICIPALITY, ("千代田区", "Chiyoda"), id="a town"),
        pytest.param("agency-tax", Kind.AGENCY, ("千代田区", "tax"), id="an agency"),
        pytest.param(
            "agency-nenkin",
            Kind.AGENCY,
            ("千代田区", "Japan Pension Service"),
            id="one of the demonstration's",
        ),
    ],
)
def test_a_node_is_called_by_its_name(node, kind, said):
    """In Japanese as the directory has it."""
    assert called(PlannedNode(id=node, kind=kind, name="千代田区")) == said


def test_short_times_and_sizes_are_exact():
    """Milliseconds up to ten seconds; bytes always."""
    assert (milliseconds(0.0123), milliseconds(25.4), size(12345)) == ("12 ms", "25 s", "12,345\u00a0B")
