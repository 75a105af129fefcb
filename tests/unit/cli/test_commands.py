# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""`juki` knows its commands without importing them."""

from __future__ import annotations

import errno
import json
import subprocess
import sys

import pytest

from openjuki import cli
from openjuki.cli import COMMANDS, questions, whole
from openjuki.errors import BadInput, SetUpFailed

#: What only some commands need: to compute with columns, to serve a page, to speak to a database or a broker.
HEAVY = ("datafusion", "nats", "numpy", "polars", "psycopg", "pyarrow", "starlette", "uvicorn")

_SAY_WHAT_WAS_IMPORTED = """
import sys
from openjuki.cli import main
try:
    main()
finally:
    print("imported:", *(name for name in sys.modules if "." not in name), file=sys.stderr)
"""


def imported(*arguments: str) -> set[str]:
    """The packages that a command imports."""
    command = [sys.executable, "-c", _SAY_WHAT_WAS_IMPORTED, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return set(done.stderr.partition("imported:")[2].split())


def test_help_imports_nothing_heavy():
    """Who only wants to know what there is does not wait for what it takes to do it."""
    assert imported("--help") & set(HEAVY) == set()


@pytest.mark.parametrize("command", ["law", "directory", "pki", "doctor"])
def test_light_commands_compute_with_nothing_heavy(command):
    """Commands that look at files import nothing that computes with columns or serves pages."""
    assert imported(command, "--help") & {"datafusion", "polars", "pyarrow", "starlette", "uvicorn"} == set()


def test_the_table_has_every_command_with_its_summary():
    """The table of commands says what the commands say of themselves, in the order in which they are attached."""
    commands = whole().commands
    summaries = {name: (one.short_help or one.help).split("\n\n")[0] for name, one in commands.items()}

    assert list(summaries.items()) == [(name, place.summary) for name, place in COMMANDS.items()]


def test_a_mistyped_command_is_named_with_its_neighbours():
    """A name that is nearly a command's is answered with that command, though none was imported."""
    command = [sys.executable, "-c", "from openjuki.cli import main; main()", "imprt"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert (done.returncode, "'import'" in done.stderr) == (2, True)


def said(*arguments: str) -> tuple[int, str]:
    """How a command leaves, and what it says beside its result."""
    command = [sys.executable, "-c", "from openjuki.cli import main; main()", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.returncode, done.stderr


def test_a_folder_is_no_settings(tmp_path):
    """Who names a folder where the settings belong is told so."""
    code, words = said("directory", "show", "--config", str(tmp_path))

    assert (code, "JK-INPUT-0008" in words, str(tmp_path) in words.replace("\n", "")) == (2, True, True)


@pytest.mark.parametrize(
    ("named", "told"),
    [
        pytest.param("/there/keys.csv", BadInput, id="named on the command line"),
        pytest.param("/elsewhere", SetUpFailed, id="not named"),
    ],
)
def test_a_file_that_cannot_be_used_is_a_mistake_of_who_named_it(monkeypatch, named, told):
    """It is not the machine that lacks a file which was named wrongly."""
    monkeypatch.setattr(sys, "argv", ["juki", "import", named, "--node", "131016"])

    error = cli._of_a_file(IsADirectoryError(errno.EISDIR, "Is a directory", "/there/keys.csv"))

    assert (type(error), str(error)) == (told, "Is a directory: /there/keys.csv")


def test_a_form_that_is_no_text_is_bad_input(tmp_path):
    """A form of bytes that are no characters is refused with a sentence."""
    path = tmp_path / "form.json"
    path.write_bytes(b"\xff\xfe{")

    with path.open(encoding="utf-8") as form, pytest.raises(BadInput, match="not JSON"):
        questions.form(form)


def test_numbers_that_no_book_has_are_a_mistake_of_the_command():
    """A number beyond any place in a journal is refused before a database is asked."""
    code, words = said("log", "prove", "99999999999999999999", "--node", "131016")

    assert (code, "index" in words) == (2, True)


@pytest.fixture
def run(monkeypatch, capsys):
    """Runs a command in this process: how it leaves, its result, and what it says beside that."""

    def running(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["juki", *arguments])
        with pytest.raises(SystemExit) as left:
            cli.main()
        return left.value.code, *capsys.readouterr()

    return running


@pytest.mark.parametrize(
    ("words", "column"),
    [
        pytest.param(("doctor", "--colour", "--json"), "colour", id="an option that is not there"),
        pytest.param(("look-up", "--json"), "node", id="an option that is missing"),
        pytest.param(("clientele", "changes", "--after", "秘", "--json"), "after", id="not a number"),
        pytest.param(("doctor", "小島正郎", "--json"), None, id="an argument too many"),
        pytest.param(("imprt", "--json"), None, id="a command that is not there"),
    ],
)
def test_with_json_a_command_that_is_called_wrongly_is_a_problem(run, words, column):
    """A program that reads one object gets one, which quotes nothing that was typed, and the exit code stays 2."""
    code, out, err = run(*words)
    told = json.loads(out)

    assert (code, told["schema"], told["code"]) == (2, "openjuki/problem/1", "JK-INPUT-0021")
    assert (told["where"].get("column"), err) == (column, "")
    assert not {"秘", "小島正郎"} & set(told["message_en"].split())


def test_whoever_calls_a_command_wrongly_reads_so_in_both_languages(run):
    """The code and a Japanese sentence, then which word it is; a group without a command shows its help alone."""
    code, out, err = run("doctor", "--colour")

    assert (code, out) == (2, "")
    assert err.startswith("JK-INPUT-0021 コマンドの書き方に誤りがあります。")
    assert "--colour" in err
    assert "JK-INPUT" not in "".join(map(str, run("directory")))


_PLACES = [
    pytest.param(("export", "{}", "--node", "131016"), id="export"),
    pytest.param(("log", "export", "{}", "--node", "131016"), id="log export"),
    pytest.param(("report", "usage", "--csv", "{}"), id="report --csv"),
    pytest.param(("report", "usage", "--plots", "{}"), id="report --plots"),
    pytest.param(("import", "register.csv", "--node", "131016", "--report", "{}"), id="import --report"),
    pytest.param(("carry", "out", "--node", "centre", "--to", "{}"), id="carry out --to"),
    pytest.param(("carry", "in", "--node", "centre", "--from", ".", "--slip", "{}"), id="carry in --slip"),
    pytest.param(("carry", "in", "--node", "centre", "--from", ".", "--out", "{}"), id="carry in --out"),
    pytest.param(("provide", "--agency", "agency-nenkin", "--out", "{}"), id="provide --out"),
    pytest.param(
        ("clientele", "changes", "--agency", "agency-nenkin", "--name", "a", "--out", "{}"), id="clientele"
    ),
    pytest.param(
        ("provide", "credentials", "rotate", "--node", "agency-nenkin", "a", "--out", "{}"), id="credentials"
    ),
    pytest.param(("disclose", "answer", "1", "--node", "centre", "--out", "{}"), id="disclose"),
    pytest.param(("directory", "broker", "{}"), id="broker"),
]


@pytest.mark.parametrize("words", _PLACES)
def test_no_folder_is_made_of_a_mistyped_path(run, tmp_path, words):
    """Where a command is to write below a folder that is not there, it says so before anything else is done."""
    code, _, told = run(*(word.format(tmp_path / "mistyped" / "it") for word in words))

    assert (code, "JK-INPUT-0020" in told, [*tmp_path.iterdir()]) == (3, True, [])


def test_a_folder_is_no_file_to_write(run, tmp_path):
    """A folder that is named where a file is meant is told before a register is read."""
    code, _, told = run("export", str(tmp_path), "--node", "131016")

    assert (code, "JK-INPUT-0020" in told) == (3, True)
