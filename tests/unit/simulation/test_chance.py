# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Chance that can be told again."""

import numpy as np
import pytest

from openjuki.simulation.chance import Chance, Weights, draw_by_row


def test_a_stream_is_fixed_for_all_time_by_its_seed_and_path():
    """These numbers were written down once; another machine or NumPy draws them too."""
    chance = Chance(7, "221007", "names", 0)

    assert chance.below(1_000_000, 4).tolist() == [544686, 1506, 559855, 23785]
    assert chance.entropy(5).hex() == "c1e04976d0"


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(Chance(8, "221007", "names"), id="another seed"),
        pytest.param(Chance(7, "221015", "names"), id="another node"),
        pytest.param(Chance(7, "221007", "dates"), id="another purpose"),
        pytest.param(Chance(7, "221007names"), id="the same letters, divided otherwise"),
    ],
)
def test_another_seed_node_or_purpose_is_another_stream(other):
    """No two streams share their numbers."""
    assert Chance(7, "221007", "names").below(2**40, 8).tolist() != other.below(2**40, 8).tolist()


def test_numbers_stay_within_their_bounds():
    """Nought is possible, the bound is not; bounds may differ for each number."""
    chance = Chance(1, "bounds")

    assert set(chance.below(3, 1000).tolist()) == {0, 1, 2}
    assert (chance.below(np.arange(1, 501), 500) < np.arange(1, 501)).all()
    spread = chance.between(-2, 5, 1000)
    assert spread.min() >= -2
    assert spread.max() < 5


def test_what_is_likely_happens_often():
    """A probability is a share in the long run; none is never, one is always."""
    chance = Chance(1, "hits")

    assert 2700 < chance.hits(0.3, 10_000).sum() < 3300
    assert not chance.hits(0.0, 100).any()
    assert chance.hits(1.0, 100).all()


def test_entropy_has_the_length_asked_for():
    """Bytes come in any number, not only in eights."""
    assert [len(Chance(1, "bytes").entropy(length)) for length in (0, 1, 8, 17)] == [0, 1, 8, 17]


def test_weights_are_proportions():
    """A weight of nought is never drawn, three times the weight comes three times as often."""
    drawn = np.bincount(Weights([1, 0, 3]).draw(Chance(1, "weights"), 40_000), minlength=3)

    assert drawn[1] == 0
    assert 2.8 < drawn[2] / drawn[0] < 3.2


@pytest.mark.parametrize("weights", [[], [0, 0]])
def test_nothing_cannot_be_drawn_from(weights):
    """An empty table is a mistake in the data, not an empty draw."""
    with pytest.raises(ValueError, match="nothing to draw from"):
        Weights(weights)


def test_each_row_of_a_table_has_its_own_weights():
    """A row that allows one column only gives that column."""
    rows = np.array([0, 1, 0, 1, 1])

    assert draw_by_row([[0, 5, 0], [0, 0, 9]], rows, Chance(1, "rows")).tolist() == [1, 2, 1, 2, 2]
