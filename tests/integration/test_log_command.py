# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""``juki log``: what a sound journal and a damaged one look like to whoever asks, and with which exit code."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from fixtures.network import CHIYODA, TOKYO
from openjuki import cli
from openjuki.carriage.logbook import export
from openjuki.config import clock
from openjuki.nodes.disclosure import lines_about
from openjuki.store import checkpoints
from openjuki.wire.directory import write_directory

if TYPE_CHECKING:
    from collections.abc import Callable

    from fixtures.disclosing import Informed
    from fixtures.offices import Country
    from fixtures.signers import Signers

    type Juki = Callable[..., int]

pytestmark = [pytest.mark.postgres, pytest.mark.nats]

SAMPLES = Path(__file__).parents[1] / "samples" / "v1"


@pytest.fixture
def juki(monkeypatch: pytest.MonkeyPatch) -> Juki:
    """Runs a command as a shell would; returns its exit code."""

    def run(*arguments: object) -> int:
        monkeypatch.setattr(sys, "argv", ["juki", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        return int(ended.value.code)

    return run


@pytest_asyncio.fixture
async def folder(signed_book, tmp_path) -> Path:
    """An exported journal, and a key of it from elsewhere."""
    await export(signed_book.connection, signed_book.trust, tmp_path / "log")
    (tmp_path / "key").write_text(signed_book.trust.log[0].to_text() + "\n", encoding="utf-8")
    return tmp_path / "log"


@pytest_asyncio.fixture
async def settings(country: Country, signers: Signers, tmp_path: Path) -> Path:
    """The settings of a town whose journal of 300 lines is signed."""
    signing = await signers(CHIYODA)
    office = await country.node(CHIYODA)
    said = checkpoints.Testimony(0, None, country.clock())
    await office.read(lambda connection: checkpoints.testify(connection, TOKYO, said))
    await signing.write(300)
    assert await signing.turn()
    now = clock()
    edition = replace(country.directory, issued=now, expires=now + timedelta(days=1))
    (tmp_path / "directory.json").write_bytes(write_directory(edition, country.ground.root))
    own = office.settings
    (tmp_path / "openjuki.toml").write_text(
        f'network = "test"\nnats_url = "tls://nowhere:1"\n[nodes.{CHIYODA}]\nkind = "municipality"\n'
        f'database_url = "{own.database_url}"\nidentity = "{own.identity}"\nsigner = "{signing.folder}"\n',
        encoding="utf-8",
    )
    return tmp_path / "openjuki.toml"


def test_a_sound_folder_is_said_to_be_sound(juki: Juki, folder: Path, tmp_path: Path, capsys):
    """In two languages, with its size and its root."""
    assert juki("log", "verify", folder, "--key", tmp_path / "key") == 0
    said = capsys.readouterr()
    assert "損傷はありません" in said.out
    assert "openjuki/test/131016: 600" in said.out
    assert said.err == ""


def test_a_key_that_lies_in_the_folder_is_used_with_a_warning(juki: Juki, folder: Path, capsys):
    """Whoever forged the folder would have put a key beside it."""
    assert juki("log", "verify", folder) == 0
    assert "compare it with one from elsewhere" in " ".join(capsys.readouterr().err.split())


def test_damages_of_a_folder_are_listed(juki: Juki, folder: Path, tmp_path: Path, capsys):
    """Every one with its place; exit code 5."""
    for file, byte in (("tile/entries/000", 40), ("tile/0/001", 9)):
        content = bytearray((folder / file).read_bytes())
        content[byte] ^= 1
        (folder / file).write_bytes(content)

    assert juki("log", "verify", folder, "--key", tmp_path / "key", "--json") == 5
    found = json.loads(capsys.readouterr().out)
    assert (found["schema"], found["node"], found["size"]) == (
        "openjuki/log-verify/1",
        "openjuki/test/131016",
        600,
    )
    assert [(one["what"], one.get("index"), one.get("tile")) for one in found["damages"]] == [
        ("leaf", 0, None),
        ("tile", None, "tile/0/001"),
    ]
    assert all(one["node"] == "openjuki/test/131016" for one in found["damages"])

    assert juki("log", "verify", folder, "--key", tmp_path / "key") == 5
    said = capsys.readouterr().out
    assert "leaf 0" in said
    assert "tile/0/001" in said


def test_a_kept_checkpoint_must_be_met(juki: Juki, folder: Path, tmp_path: Path, capsys):
    """The folder's own is; one of another log is of no use."""
    kept = tmp_path / "kept"
    kept.write_bytes((folder / "checkpoint").read_bytes())
    assert juki("log", "verify", folder, "--kept", kept) == 0
    kept.write_bytes(b"openjuki/test/nobody" + kept.read_bytes()[20:])
    assert juki("log", "verify", folder, "--kept", kept) == 3
    assert "JK-INPUT-0015" in capsys.readouterr().err


@pytest.mark.parametrize("key", ["nobody", "a+00000000+AAAA"])
def test_what_is_no_key_is_refused(juki: Juki, folder: Path, key):
    """As a wrong setting, whatever the folder holds."""
    assert juki("log", "verify", folder, "--key", key) == 2


def test_a_folder_or_a_node_is_named(juki: Juki, folder: Path):
    """Not both, not neither, and a folder must be an exported log."""
    assert juki("log", "verify") == 2
    assert juki("log", "verify", folder, "--node", CHIYODA) == 2
    assert juki("log", "verify", folder.parent) == 3


def test_a_node_is_verified_exported_and_proven(juki: Juki, settings: Path, tmp_path: Path, capsys):
    """One after the other, and each is believed without the node."""
    at = ("--config", settings, "--node", CHIYODA)
    assert juki("log", "verify", *at) == 0
    assert juki("log", "export", tmp_path / "log", *at, "--json") == 0
    *_, exported = capsys.readouterr().out.splitlines()
    assert json.loads(exported)["size"] == 300
    key = tmp_path / "log/log.vkey"
    assert juki("log", "verify", tmp_path / "log", "--key", key) == 0
    assert juki("log", "export", tmp_path / "log", *at) == 0
    capsys.readouterr()

    assert juki("log", "prove", 17, *at) == 0
    (tmp_path / "proof.json").write_text(capsys.readouterr().out, encoding="utf-8")
    assert juki("log", "verify-proof", tmp_path / "proof.json", "--key", key, "--json") == 0
    proven = json.loads(capsys.readouterr().out)
    assert (proven["schema"], proven["index"], proven["size"]) == ("openjuki/log-proof/1", 17, 300)
    assert juki("log", "verify-proof", tmp_path / "proof.json", "--key", key) == 0
    assert "葉 17" in capsys.readouterr().out


def test_a_damaged_node_is_named(juki: Juki, settings: Path, country: Country, capsys):
    """Which node, which leaf, and exit code 5."""
    country.rows(CHIYODA, "UPDATE journal SET payload = 'x' WHERE index = 290")

    assert juki("log", "verify", "--config", settings, "--node", CHIYODA, "--json") == 5
    (damage,) = json.loads(capsys.readouterr().out)["damages"]
    assert (damage["node"], damage["index"], damage["what"]) == (CHIYODA, 290, "payload")


def test_a_changed_proof_is_refused(juki: Juki, settings: Path, tmp_path: Path, capsys):
    """With exit code 5; what is no proof at all is bad input."""
    at = ("--config", settings, "--node", CHIYODA)
    assert juki("log", "export", tmp_path / "log", *at) == 0
    capsys.readouterr()
    assert juki("log", "prove", 17, *at) == 0
    proof, file = capsys.readouterr().out, tmp_path / "proof.json"
    key = ("--key", tmp_path / "log/log.vkey")

    for changed in (proof.replace('"index": 17', '"index": 16'), proof.replace('test\\"', 'tesT\\"')):
        file.write_text(changed, encoding="utf-8")
        assert juki("log", "verify-proof", file, *key) == 5
    file.write_text("{}", encoding="utf-8")
    assert juki("log", "verify-proof", file, *key) == 3
    assert juki("log", "prove", 300, *at) == 3


@pytest.fixture
def shown(tmp_path: Path) -> tuple[Path, list[str]]:
    """A proof for one person, in a file, and the options with the keys to verify it by."""
    sample = json.loads((SAMPLES / "bulk-log.json").read_text(encoding="utf-8"))["files"][0]
    file = tmp_path / "person.json"
    file.write_text(json.dumps(sample["file"]), encoding="utf-8")
    return file, [word for key in sample["keys"] for word in ("--key", key)]


def test_a_proof_for_one_person_is_verified_without_a_server(juki: Juki, shown, capsys):
    """What was told about them, to whom and under which article; with nothing but a file and keys."""
    file, keys = shown

    assert juki("log", "verify-proof", file, *keys, "--json") == 0
    proven = json.loads(capsys.readouterr().out)
    assert (proven["kind"], len(proven["cosigned"])) == ("provision.part", 2)
    assert proven["person"].items() >= {"asker": "agency-nenkin", "result": "died", "items": ["name"]}.items()
    assert juki("log", "verify-proof", file, *keys) == 0
    assert proven["person"]["resident_code"] in capsys.readouterr().out


@pytest_asyncio.fixture
async def answered(informed: Informed, tmp_path: Path) -> tuple[Path, list[str], str]:
    """A proof of the second question of an envelope, in a file, the options with the keys, and the envelope's id."""
    code = {"resident_code": str(informed.code)}
    _, told = await informed.ask_together({"name": "渡辺 葵"}, code)
    await informed.sign()
    person = informed.person()
    (line,) = await informed.centre.read(lambda book: lines_about(informed.centre, book, person))
    file = tmp_path / "provision.json"
    file.write_text(json.dumps(line.proof), encoding="utf-8")
    trusted = informed.keys()
    return file, [word for key in trusted for word in ("--key", key.to_text())], told.envelope


def test_a_proof_of_a_provision_is_verified_without_a_server(juki: Juki, answered, capsys):
    """Who asked, in which envelope, through whom, and what came of it; of the question beside it nothing."""
    file, keys, envelope = answered

    assert juki("log", "verify-proof", file, *keys, "--json") == 0
    proven = json.loads(capsys.readouterr().out)
    said = {"asker": CHIYODA, "envelope": envelope, "through": TOKYO, "place": 1, "questions": 2}
    assert (proven["kind"], proven["person"]) == ("provision.envelope", None)
    assert proven["provision"] == {**said, "result": "matched"}
    assert juki("log", "verify-proof", file, *keys) == 0
    told = capsys.readouterr().out
    assert "result: matched" in told
    assert envelope in told


def test_a_proof_of_a_provision_that_is_closed_shows_that_it_is_there(juki: Juki, answered, capsys):
    """Without payload and salt it shows who asked and when, and not what came of it."""
    file, keys, _ = answered
    said = json.loads(file.read_text(encoding="utf-8"))
    closed = {name: value for name, value in said.items() if name not in {"payload", "salt"}}
    file.write_text(json.dumps(closed), encoding="utf-8")

    assert juki("log", "verify-proof", file, *keys, "--json") == 0
    shown = json.loads(capsys.readouterr().out)["provision"]
    assert (shown["asker"], shown["result"]) == (CHIYODA, None)
    assert juki("log", "verify-proof", file, *keys) == 0
    assert "result: not shown" in capsys.readouterr().out


def test_a_proof_of_a_provision_does_not_show_another(juki: Juki, answered):
    """At another place, or of another leaf, it shows nothing: exit code 5."""
    file, keys, _ = answered
    said = json.loads(file.read_text(encoding="utf-8"))
    for other in ({"place": 0}, {"commitment": said["proof"][0]}):
        file.write_text(json.dumps(said | other), encoding="utf-8")
        assert juki("log", "verify-proof", file, *keys) == 5


def test_a_proof_for_one_person_does_not_show_another(juki: Juki, shown):
    """With another code it shows nothing: exit code 5."""
    file, keys = shown
    said = json.loads(file.read_text(encoding="utf-8"))
    file.write_text(json.dumps(said | {"resident_code": "24727059608"}), encoding="utf-8")

    assert juki("log", "verify-proof", file, *keys) == 5
