# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""What a network lists is signed, so a mistyped node is refused before it has keys."""

from __future__ import annotations

import pytest

from openjuki import config
from openjuki.cli import network, pki
from openjuki.config import Kind
from openjuki.errors import BadCode, BadConfiguration
from openjuki.pki.keys import SigningKey
from openjuki.wire.directory import read_directory


@pytest.fixture
def founded(tmp_path, monkeypatch):
    """A network with one prefecture."""
    monkeypatch.setenv("OPENJUKI_HOME", str(tmp_path))
    pki.found("kanto-test")
    pki.issue("130001", Kind.PREFECTURE, "東京都")
    return tmp_path


def listed(home):
    root = SigningKey.load(home / "pki" / "root.pem")
    return read_directory(
        (home / "directory.json").read_bytes(), roots=[root.public], at=config.clock()
    ).nodes


@pytest.mark.parametrize(
    ("node", "kind", "prefecture", "refused"),
    [
        pytest.param("131017", Kind.MUNICIPALITY, "130001", BadCode, id="a wrong check digit"),
        pytest.param("13101-6", Kind.MUNICIPALITY, "130001", BadConfiguration, id="a code with its hyphen"),
        pytest.param("131016", Kind.MUNICIPALITY, None, BadConfiguration, id="no prefecture"),
        pytest.param("131016", Kind.MUNICIPALITY, "220001", BadConfiguration, id="a prefecture not listed"),
        pytest.param("220001", Kind.PREFECTURE, "130001", BadConfiguration, id="a prefecture in another"),
        pytest.param("centre-2", Kind.CENTRE, None, BadConfiguration, id="a second Centre"),
        pytest.param("nenkin", Kind.AGENCY, None, BadConfiguration, id="an agency without its prefix"),
        pytest.param("agency-../x", Kind.AGENCY, None, BadConfiguration, id="a path"),
    ],
)
def test_a_node_that_cannot_be_is_not_issued(founded, node, kind, prefecture, refused):
    """A wrong id or prefecture draws no key and leaves the directory as it was."""
    with pytest.raises(refused):
        pki.issue(node, kind, "千代田区", prefecture)

    assert ([*listed(founded)], [path.name for path in (founded / "nodes").iterdir()]) == (["130001"],) * 2


def test_an_agency_may_name_the_prefecture_whose_governor_provides_to_it(founded):
    """A prefecture's agency is listed in it, one of the State's in none."""
    pki.issue("agency-tokyo-ryoken", Kind.AGENCY, "東京都旅券課", "130001")
    pki.issue("agency-nenkin", Kind.AGENCY, "日本年金機構")

    nodes = listed(founded)
    assert (nodes["agency-tokyo-ryoken"].prefecture, nodes["agency-nenkin"].prefecture) == ("130001", None)


def test_who_keeps_the_directory_and_runs_no_node_lists_and_revokes(founded, capsys):
    """The machine of the root key has no settings: what it founded there it can also change there."""
    network.restart_journal("130001")
    network.revoke("130001")
    network.show()

    node = listed(founded)["130001"]
    assert (node.journal, node.revoked_at is not None, "130001" in capsys.readouterr().out) == (2, True, True)


def test_settings_with_a_fault_are_told_where_the_root_key_lies_too(founded):
    """Settings that are there are meant."""
    (founded / "openjuki.toml").write_text("network = ")

    with pytest.raises(BadConfiguration):
        network.revoke("130001")
    assert listed(founded)["130001"].revoked_at is None
