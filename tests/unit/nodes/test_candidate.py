# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Who confirms a candidate names it as the earlier answer did, and in no other form."""

from __future__ import annotations

from typing import Any

import pytest

from openjuki.errors import BadQuestion
from openjuki.nodes.deliberating import Candidate

NAMED = {"envelope": "0123456789abcdef" * 2, "of": "ab" * 32, "candidate": 2}


def test_a_candidate_is_named_by_envelope_row_and_number():
    """All three are needed, so that it is found by the envelope's id."""
    assert Candidate.from_dict(NAMED) == (NAMED["envelope"], bytes.fromhex("ab" * 32), 2)


@pytest.mark.parametrize(
    ("item", "value"),
    [
        pytest.param("envelope", None, id="no envelope"),
        pytest.param("envelope", 7, id="an envelope that is a number"),
        pytest.param("envelope", "0" * 31, id="an id that is too short"),
        pytest.param("envelope", "A" * 32, id="an id in capitals"),
        pytest.param("envelope", "0" * 31 + "\0", id="an id that no database holds"),
        pytest.param("of", None, id="no row"),
        pytest.param("of", "ab" * 31, id="a commitment that is too short"),
        pytest.param("candidate", 0, id="a number before the first"),
        pytest.param("candidate", 1001, id="a number that no answer has"),
        pytest.param("candidate", True, id="a number that is none"),
    ],
)
def test_a_candidate_of_another_form_is_refused(item: str, value: Any):
    """What is refused says which item cannot be read."""
    with pytest.raises(BadQuestion) as refused:
        Candidate.from_dict(NAMED | {item: value})
    assert refused.value.where is not None
    assert refused.value.where.column == item
