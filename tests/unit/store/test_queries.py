# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import re
from importlib.resources import files

import pytest

from openjuki.store.database import queries

FILES = sorted(
    file.name.removesuffix(".sql") for file in files("openjuki.store").iterdir() if file.name.endswith(".sql")
)


@pytest.mark.parametrize("name", FILES)
def test_every_query_has_a_name_of_its_own_and_a_description(name):
    """A file of queries holds named blocks only, each with a sentence above it."""
    text = (files("openjuki.store") / f"{name}.sql").read_text(encoding="utf-8")
    names = re.findall(r"^-- (\w+) --$", text, flags=re.MULTILINE)

    assert len(names) == len(set(names)) > 0
    for title in names:
        assert re.match(r"-- [A-Z].+\n[A-Z]", queries(name)[title]), title


@pytest.mark.parametrize("name", FILES)
def test_every_query_is_used(name):
    """No query lies about that no line of this room names."""
    modules = [
        file.read_text("utf-8") for file in files("openjuki.store").iterdir() if file.name.endswith(".py")
    ]
    code = "\n".join(text for text in modules if f'queries("{name}")' in text)

    named = {title for title in queries(name) if re.search(rf'"{title}"', code)}
    built = {
        title
        for title in queries(name)
        if re.search(r'f"\w+_{\w+}"', code) and title.startswith(("add_", "end_"))
    }
    assert set(queries(name)) == named | built


def test_queries_are_read_once():
    """A file is read and cut up once."""
    assert queries("links") is queries("links")
