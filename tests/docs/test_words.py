# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""One Japanese word, one English word, one identifier: the glossary, and the code that keeps to it."""

from __future__ import annotations

import inspect
import re
from collections import Counter
from itertools import chain
from pathlib import Path

import pytest
from introspection import public_classes

from openjuki.glossary import TERMS

ROOT = Path(__file__).parents[2]
TERM_OF = {identifier: term for term in TERMS for identifier in term.identifiers}


def twice(words) -> list[str]:
    return [word for word, count in Counter(words).items() if count > 1]


def test_a_japanese_word_has_one_row():
    """A Japanese word is translated once."""
    assert twice(term.japanese for term in TERMS) == []


def test_two_japanese_words_never_share_an_english_one():
    """転入, 転居 and 転出 are three things, and have three words."""
    assert twice(term.english.lower() for term in TERMS) == []


def test_an_identifier_carries_one_term():
    """A name in the code means one thing."""
    assert twice(chain.from_iterable(term.identifiers for term in TERMS)) == []


def test_every_term_says_where_it_stands():
    """A word comes from the law, from a standard, or is ours and says so."""
    assert [term.japanese for term in TERMS if not term.source] == []


def test_every_identifier_exists():
    """A name in the glossary is a name in the code."""
    sources = "\n".join(
        path.read_text(encoding="utf-8")
        for path in (ROOT / "src").rglob("*")
        if path.suffix in {".py", ".sql"} and path.name != "glossary.py"
    )
    words = set(re.findall(r"\w+", sources))

    assert [identifier for identifier in TERM_OF if identifier not in words] == []


@pytest.mark.parametrize(
    "owner",
    [
        *public_classes("openjuki.codes"),
        *public_classes("openjuki.residents"),
        *public_classes("openjuki.law"),
    ],
    ids=lambda owner: owner.__name__,
)
def test_a_class_of_the_core_carries_its_term(owner):
    """A public class of the pure core has a row, and its docstring begins with the Japanese term."""
    assert owner.__name__ in TERM_OF, "add its row to glossary.py"
    assert TERM_OF[owner.__name__].japanese in inspect.getdoc(owner).splitlines()[0]
