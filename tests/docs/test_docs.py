# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Whatever a user can meet (a command, a setting, a code) is documented, and the pages are fresh."""

from __future__ import annotations

import ast
import inspect
import re
from pathlib import Path

import pytest
import write_docs
from introspection import commands, commented, constants, error_classes

from openjuki import config
from openjuki.carriage import columns
from openjuki.carriage.faults import Fault
from openjuki.refusal import Refusal
from openjuki.residents.changes import MunicipalReason, Reason

ROOT = Path(__file__).parents[2]
SOURCES = sorted((ROOT / "src").rglob("*.py"))


def read(page: str) -> str:
    return (ROOT / "docs" / page).read_text(encoding="utf-8")


@pytest.mark.parametrize("page", write_docs.PAGES)
def test_a_generated_page_is_fresh(page):
    """A page drawn from the program is what `make docs` would write now."""
    assert read(page) == write_docs.PAGES[page](), "run `make docs`"


# Commands


def test_every_command_has_its_heading_and_its_parameters():
    """Who looks a command up finds it, with each of its arguments and options and what they do."""
    page = read("reference/cli.md")

    for command in commands():
        assert f"\n## {command.words}\n" in page
        assert command.help, f"{command.words} has no help"
        for name, what in command.parameters:
            assert f"`{name}`".replace("|", "\\|") in page
            assert re.sub(r"\[[^\]]*\]", "", what).strip(), f"{command.words} does not say what {name} is"


def test_exit_codes_of_errors_are_documented():
    """No error leaves with a status that the table of exit codes does not explain."""
    documented = {code for code, *_ in write_docs.EXIT_CODES}

    assert {error.exit_code for error in error_classes()} < documented


# Settings


def read_settings() -> set[str]:
    """Names that `config` takes out of the TOML tables."""
    tree = ast.parse(inspect.getsource(config))
    subscripts = [node.slice for node in ast.walk(tree) if isinstance(node, ast.Subscript)]
    gets = [
        node.args[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "get"
        and node.args
    ]
    names = {node.value for node in [*subscripts, *gets] if isinstance(node, ast.Constant)}
    return {name for name in names if isinstance(name, str) and not name.startswith("OPENJUKI_")} - {"nodes"}


def test_every_setting_that_is_read_is_documented():
    """What `config` reads from the file is what the page of settings lists, no more and no less."""
    listed = set(re.findall(r"^\| `(\w+)` \| `", read("reference/settings.md"), re.MULTILINE))

    assert listed == read_settings()


def test_every_setting_says_what_it_is():
    """A field of the settings has a comment that the page can show."""
    for owner in (config.Settings, config.NodeSettings):
        assert [field.name for field in commented(owner) if field.annotation and not field.comment] == []


def test_every_environment_variable_is_documented():
    """The program reads no variable that the page does not list, and the page lists none it does not read."""
    read_by_program = {
        name
        for path in SOURCES
        for name in re.findall(r"environ(?:\.get\(|\[)\"(\w+)\"", path.read_text(encoding="utf-8"))
        if name.startswith("OPENJUKI_")
    }
    documented = {name for name, *_ in write_docs.ENVIRONMENT if name.startswith("OPENJUKI_")}

    assert documented == read_by_program


def test_no_other_variable_of_ours_is_mentioned():
    """A variable in a sentence of the program or the documents is one that exists."""
    documented = {name for name, *_ in write_docs.ENVIRONMENT}
    texts = [*SOURCES, *(ROOT / "docs").rglob("*.md"), *ROOT.glob("*.md")]
    mentioned = {
        name for path in texts for name in re.findall(r"OPENJUKI_[A-Z_]+", path.read_text(encoding="utf-8"))
    }

    assert mentioned <= documented


# JSON results


def test_every_json_result_is_documented():
    """Each schema that a command prints, takes or writes has its heading on the page of JSON results."""
    sources = "\n".join(path.read_text(encoding="utf-8") for path in SOURCES)
    printed = set(re.findall(r"\bemit\(\s*\"([\w-]+)\"", sources)) | set(
        re.findall(r"\"openjuki/([\w-]+)/1\"", sources)
    )
    documented = set(re.findall(r"^## `openjuki/([\w-]+)/1`", read("reference/json.md"), re.MULTILINE))

    assert documented == printed - {"simulation"}


# Errors and refusals


def drawn_tree() -> list[tuple[str, str, int | None]]:
    """The tree in the docstring of `errors`: class, class above it, exit code if one is drawn."""
    above, rows = {}, []
    for line in write_docs._error_tree().splitlines():
        branch, name, rest = re.fullmatch(r"([│├└─ ]*)(\w+)(.*)", line).groups()
        depth = len(branch) // 4
        above[depth] = name
        exit_code = re.search(r"exit (\d+)$", rest)
        rows.append((name, above.get(depth - 1, "Exception"), int(exit_code[1]) if exit_code else None))
    return rows


def test_the_tree_is_drawn_as_it_is():
    """The drawing at the head of `errors` shows every class below its parent, in order."""
    drawn = [(name, parent) for name, parent, _ in drawn_tree()]

    assert sorted(drawn) == sorted((error.__name__, error.__base__.__name__) for error in error_classes())


def test_the_drawn_exit_codes_are_right():
    """Where the drawing names an exit code, the class has it."""
    exit_codes = {error.__name__: error.exit_code for error in error_classes()}

    for name, _, exit_code in drawn_tree():
        assert exit_code in {None, exit_codes[name]}


def test_every_error_speaks_two_languages():
    """A class of error has a sentence of its own in each language, and a code of its own."""
    for error in error_classes():
        assert {"code", "message_ja"} <= vars(error).keys(), error.__name__
        assert error.message_ja.endswith("。")
        assert inspect.getdoc(error).endswith(".")


def all_codes() -> list[str]:
    coded = [error.code for error in error_classes()]
    coded += [constant.value.code for kind in (Refusal, Fault) for constant in constants(kind)]
    return coded


def test_codes_are_unique():
    """No two errors, refusals or faults share a code."""
    codes = all_codes()

    assert sorted(set(codes)) == sorted(codes)


def test_codes_have_the_form():
    """A code is JK, an area, four figures."""
    assert [code for code in all_codes() if not re.fullmatch(r"JK-[A-Z]+-\d{4}", code)] == []


def test_every_code_is_documented():
    """Who meets a code on a screen finds it on a page."""
    pages = read("reference/errors.md") + read("reference/import.md")

    assert [code for code in all_codes() if f"| `{code}` |" not in pages] == []


@pytest.mark.parametrize("kind", [Refusal, Fault])
def test_refusals_and_faults_are_constants(kind):
    """Every refusal and fault is written once, as a constant of a module, so that it can be listed."""
    written = [
        f"{path.name}:{node.lineno}"
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == kind.__name__
    ]

    assert len(written) == len(constants(kind)), written


def test_every_refusal_is_whole():
    """A refusal names its rule and speaks both languages in sentences."""
    for _, name, refusal in constants(Refusal):
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", refusal.rule), name
        assert refusal.message_ja.endswith("。"), name
        assert refusal.message_en, name


def test_every_rule_has_one_refusal():
    """The short name of a rule is that of one refusal."""
    rules = [constant.value.rule for constant in constants(Refusal)]

    assert sorted(set(rules)) == sorted(rules)


# Registers as files


def test_every_column_is_documented():
    """Both names of every column of the import are on the page."""
    page = read("reference/import.md")

    for column in columns.COLUMNS:
        assert f"| {column.japanese} | `{column.name}` |" in page


def test_every_reason_is_documented():
    """Statutory or municipal, a reason of a change says on the page what its form asks for."""
    page = read("reference/change.md")

    for reason in (*Reason, *MunicipalReason):
        assert f"| {reason.japanese} | " in page
