# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""The documents lead somewhere: links resolve, commands exist, diagrams agree with the program."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path

import pytest
from introspection import commands

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "LICENSES").glob("*.md")])
READMES = ("README.md", "README.ja.md")
ADRS = sorted((ROOT / "docs" / "adr").glob("[0-9]*.md"))


def read(path: str | Path) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def without_code(text: str) -> str:
    return re.sub(r"`[^`\n]*`", "", re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL))


def anchors(path: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(
        r"^#+ (.*)$", re.sub(r"^```.*?^```", "", read(path), flags=re.MULTILINE | re.DOTALL), re.MULTILINE
    )
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_links_resolve(path):
    """A relative link leads to a file that is there, and its anchor to a heading."""
    dead = []
    for link in re.findall(r"\]\(([^)\s]+)\)", without_code(read(path))):
        if re.match(r"[a-z]+:", link):
            continue
        target, _, anchor = link.partition("#")
        goal = (path.parent / target).resolve() if target else path
        if not goal.exists() or (anchor and anchor not in anchors(goal)):
            dead.append(link)

    assert dead == []


def test_every_picture_is_on_a_page():
    """No picture lies there that nobody sees, and grows old."""
    shown = {
        (path.parent / link).resolve()
        for path in PAGES
        for link in re.findall(r"!\[[^\]]*\]\(([^)\s]+)\)", read(path))
    }

    assert shown == set((ROOT / "docs" / "images").iterdir())


def test_every_page_that_the_program_names_is_there():
    """A docstring that sends its reader to `docs/` sends them to a page."""
    named = {
        page
        for folder in ("src", "scripts", "benchmarks")
        for path in (ROOT / folder).rglob("*")
        if path.suffix in {".py", ".sql", ".sh"}
        for page in re.findall(r"docs/[\w/.-]+\.md", path.read_text(encoding="utf-8"))
    }

    assert sorted(page for page in named if not (ROOT / page).exists()) == []


# Commands


def make_targets() -> set[str]:
    return set(re.findall(r"^([a-z-]+):", read("Makefile"), re.MULTILINE))


@cache
def callable_words() -> frozenset[str]:
    return frozenset(command.words for command in commands() if command.words.count(" ") < 2)


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_commands_in_documents_exist(path):
    """`make` and `juki` are only told to do what they can do."""
    code = re.findall(r"^```(?:sh|console)\n(.*?)^```", read(path), re.MULTILINE | re.DOTALL)
    code += re.findall(r"`([^`\n]+)`", read(path))
    targets = {word for text in code for word in re.findall(r"(?:^|\s)make ([a-z-]+)", text)}
    called = {words for text in code for words in re.findall(r"(?:^|[\s/])(juki(?: [a-z][a-z-]*)?)", text)}

    assert targets <= make_targets()
    assert called <= callable_words()


def test_both_readmes_show_the_same_commands():
    """The Japanese and the English reader type the same."""
    english, japanese = (
        set(re.findall(r"(?:make|juki) [a-z-]+(?: [A-Z]+=[\w/]+)?", read(path))) for path in READMES
    )

    assert english == japanese


def test_both_readmes_lead_to_the_same_pages():
    """Neither README knows a page that the other does not."""
    english, japanese = (set(re.findall(r"\]\(([^)]+)\)", read(path))) - set(READMES) for path in READMES)

    assert english == japanese


# Pages and program


def test_the_design_draws_the_layers_that_are_enforced():
    """The table of layers is that of the import contract, in its order; unfurnished rooms left out."""
    contract = tomllib.loads(read("pyproject.toml"))["tool"]["importlinter"]["contracts"][0]["layers"]
    furnished = [
        [
            room.removeprefix("openjuki.")
            for room in map(str.strip, layer.split("|"))
            if not room.startswith("(")
        ]
        for layer in contract
    ]
    rows = re.findall(r"^\| (`[\w.]+`(?:, `[\w.]+`)*) \| .* \|$", read("docs/design.md"), re.MULTILINE)

    assert [re.findall(r"[\w.]+", row) for row in rows] == [layer for layer in furnished if layer]


def test_the_specification_has_an_index_of_all_its_pages():
    """Who opens docs/spec finds every page from its README."""
    index = set(re.findall(r"\]\(([\w-]+\.md)", read("docs/spec/README.md")))

    assert index == {path.name for path in (ROOT / "docs" / "spec").glob("*.md")} - {"README.md"}


# Decisions


def test_decisions_are_numbered_without_gaps():
    """No decision is lost: 0001, 0002 and so on."""
    assert [path.name[:4] for path in ADRS] == [f"{number:04}" for number in range(1, len(ADRS) + 1)]


def test_the_index_lists_every_decision_by_its_title():
    """The index of decisions has each page with the title it bears."""
    titles = re.findall(
        r"^\| \[\d{4}\]\(([\w-]+\.md)\) \| (.*) \|$", read("docs/adr/README.md"), re.MULTILINE
    )

    assert titles == [(path.name, read(path).splitlines()[0].split(". ", 1)[1]) for path in ADRS]


@pytest.mark.parametrize("path", ADRS, ids=name)
def test_a_decision_names_its_price(path):
    """A decision has the parts of the template, and its bad consequences are not empty."""
    text = read(path)

    for part in ("## Context", "## Options", "## Decision", "## Consequences", "Good:"):
        assert f"\n{part}\n" in text
    assert re.search(r"\nBad:\n\n\* \S", text)
