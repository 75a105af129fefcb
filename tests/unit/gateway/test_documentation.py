# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""The description of the gateway is whole: every road, every schema, in two languages, on a page of our own."""

from __future__ import annotations

import re
from unittest.mock import Mock

import orjson
import pytest

from openjuki.errors import JukiError, Refused
from openjuki.gateway import documentation, examples, reading
from openjuki.gateway.api import Api
from openjuki.gateway.describe import STATUSES, document
from openjuki.gateway.problems import status_of
from openjuki.gateway.schemas import SCHEMAS
from openjuki.law import refusals
from openjuki.residents import look_up
from openjuki.store.credentials import Shown

BY = Shown(system="batch", credential="0" * 12, office="desk")
READERS = {
    "provisions": reading.provision,
    "verifications": reading.verification,
    "confirmations": reading.confirmation,
}


def references(value):
    """The names of everything that is referred to."""
    if isinstance(value, dict):
        yield from ([value["$ref"].rpartition("/")[2]] if "$ref" in value else [])
        for one in value.values():
            yield from references(one)
    elif isinstance(value, list):
        for one in value:
            yield from references(one)


def test_every_road_of_the_api_is_described():
    """No more and no fewer, each with its method."""
    api = Api(Mock(), Mock(), Mock())
    read = {(route.path, method.lower()) for route in api.routes() for method in route.methods - {"HEAD"}}
    roads = read | {(path, "post") for path in api.roads()}

    assert roads == {(path, method) for path, road in document()["paths"].items() for method in road}


def test_every_schema_is_used_and_there():
    """Nothing is referred to that is not there, nothing is there that is not referred to."""
    components = document()["components"]

    assert set(references(document())) == {*components["schemas"], *components["responses"]}


@pytest.mark.parametrize("name", READERS)
def test_every_example_of_a_request_is_read(name):
    """What stands on the page can be sent as it stands."""
    for example in examples.REQUESTS[name].values():
        asked = READERS[name](orjson.dumps(example["value"]), BY)
        assert not any(isinstance(one, Exception) for one in asked.questions)


def every(kind):
    """A class of errors and all below it."""
    return [kind, *(one for below in kind.__subclasses__() for one in every(below))]


def test_every_status_of_a_problem_is_described():
    """Whatever an error becomes stands on the page."""
    made = [Refused(refusals.NO_REASON) if kind is Refused else kind() for kind in every(JukiError)]

    assert set(map(status_of, made)) <= set(STATUSES)


def test_what_can_be_asked_by_is_what_a_question_has():
    """An item that questions learn is described too."""
    assert set(reading.ITEMS) == set(SCHEMAS["Question"]["properties"])
    assert set(reading.ITEMS) == set(look_up.question._PARSERS)


def test_the_page_is_ours_alone():
    """Japanese first, without a script, a style or an address from elsewhere."""
    page = documentation.page()

    assert '<html lang="ja">' in page
    assert not re.search(r"<script|style=|https?://", page)
    for path in document()["paths"]:
        assert f'<span class="road">{path}</span>' in page
    anchors = set(re.findall(r'id="([^"]+)"', page))
    assert set(re.findall(r'href="#([^"]+)"', page)) <= anchors


@pytest.mark.parametrize(
    ("text", "languages"),
    [
        pytest.param("照会する / Ask", ("照会する", "Ask"), id="a line"),
        pytest.param("照会します。\n\nAsks.", ("照会します。", "Asks."), id="paragraphs"),
        pytest.param("事務", ("事務", ""), id="Japanese alone"),
    ],
)
def test_two_languages_are_told_apart(text, languages):
    """So that a reader's machine can speak each."""
    assert documentation.two(text) == languages
