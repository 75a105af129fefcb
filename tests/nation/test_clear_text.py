# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""The search for clear text finds what is planted: without this, finding nothing would prove nothing."""

from __future__ import annotations

import base64
import gzip
import json
import os
import zlib

import pytest

from fixtures.clear_text import Search

PLANTED = "葵区追手町５番1号\u3000サンライズ葵"


@pytest.mark.parametrize(
    "hide",
    [
        pytest.param(lambda value: value.encode(), id="UTF-8"),
        pytest.param(lambda value: value.encode("utf-16-le"), id="UTF-16LE"),
        pytest.param(lambda value: value.encode("utf-16-be"), id="UTF-16BE"),
        pytest.param(lambda value: json.dumps({"address": value}).encode(), id="JSON"),
        pytest.param(
            lambda value: json.dumps(value).upper().replace("\\U", "\\u").encode(), id="JSON in capitals"
        ),
        *(
            pytest.param(
                lambda value, shift=shift: base64.b64encode(b"xyz"[:shift] + value.encode() + b"xyz"),
                id=f"base64, {shift} bytes in",
            )
            for shift in range(3)
        ),
        pytest.param(
            lambda value: b"-" + base64.b64encode(b"x" + value.encode("utf-16-le") + b"y")[2:-3] + b"-",
            id="a piece of base64",
        ),
        pytest.param(
            lambda value: base64.urlsafe_b64encode(b"\xff\xff" + value.encode()).rstrip(b"="), id="base64url"
        ),
        pytest.param(lambda value: zlib.compress(value.encode()), id="zlib"),
        pytest.param(lambda value: gzip.compress(value.encode("utf-16-le")), id="gzip"),
        pytest.param(
            lambda value: json.dumps(
                {"content": base64.b64encode(zlib.compress(json.dumps([value]).encode(), 9)).decode()}
            ).encode(),
            id="JSON in zlib in base64 in JSON",
        ),
    ],
)
def test_the_search_finds_what_is_planted(hide):
    """The control of the search: a value in the midst of random bytes is found in every disguise, and nothing else."""
    search = Search([PLANTED, "葵区追手町５番2号\u3000サンライズ葵", "山田\u3000太郎"])
    noise = os.urandom(20_000)

    assert {value for value, _ in search.find(noise + hide(PLANTED) + noise)} == {PLANTED}
    assert search.find(noise + noise) == set()
