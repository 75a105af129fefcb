# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""The authority certifies nodes and brokers; from a certificate there is one way to a node id."""

from __future__ import annotations

import stat
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID, ExtensionOID

from fixtures.network import NOON
from openjuki.errors import BadCertificate, BadConfiguration
from openjuki.pki.authority import LIFETIME, Authority
from openjuki.pki.identity import NodeIdentity, issue_identity, load_public_keys
from openjuki.pki.keys import SigningKey
from openjuki.pki.path import load_certificate, verify_node

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

ROOT = SigningKey.from_seed(bytes(32))


@pytest.fixture(scope="module")
def authority() -> Authority:
    """An authority of the network `test`."""
    return Authority.create("test", at=NOON)


def read(pem: bytes) -> x509.Certificate:
    """A certificate, from its PEM."""
    return x509.load_pem_x509_certificate(pem)


def test_a_nodes_certificate_stands_for_its_id(authority: Authority):
    """What the authority issued to a node verifies to that node."""
    issued = read(authority.issue_node("131016", at=NOON).certificate)

    assert verify_node(issued, authority=authority.certificate, at=NOON) == "131016"


@pytest.mark.parametrize(
    "at",
    [
        pytest.param(NOON - timedelta(hours=1), id="before it begins"),
        pytest.param(NOON + LIFETIME + timedelta(days=1), id="after it ended"),
    ],
)
def test_a_certificate_has_its_time(authority: Authority, at: datetime):
    """Outside its time a certificate stands for nobody."""
    issued = read(authority.issue_node("131016", at=NOON).certificate)
    with pytest.raises(BadCertificate):
        verify_node(issued, authority=authority.certificate, at=at)


def test_another_authority_stands_for_nobody(authority: Authority):
    """An authority of the same name with another key is another authority."""
    issued = read(Authority.create("test", at=NOON).issue_node("131016", at=NOON).certificate)
    with pytest.raises(BadCertificate):
        verify_node(issued, authority=authority.certificate, at=NOON)


def test_a_broker_is_no_node(authority: Authority):
    """A broker's certificate, good for servers only, stands for no node."""
    issued = read(authority.issue_broker(at=NOON).certificate)
    with pytest.raises(BadCertificate):
        verify_node(issued, authority=authority.certificate, at=NOON)


@pytest.mark.parametrize(
    ("common_name", "names"),
    [
        pytest.param("131016", ["131016", "131024"], id="two names"),
        pytest.param("131016", ["131024"], id="a name that is not the common name"),
    ],
)
def test_a_certificate_of_several_names_stands_for_nobody(
    authority: Authority, common_name: str, names: list[str]
):
    """The broker would try every name, so a node's certificate has one."""
    dns = [x509.DNSName(name) for name in names]
    issued = authority._issue(common_name, dns, ExtendedKeyUsageOID.CLIENT_AUTH, NOON)
    with pytest.raises(BadCertificate, match="only other name"):
        verify_node(read(issued.certificate), authority=authority.certificate, at=NOON)


def test_certificates_have_the_full_profile(authority: Authority):
    """Key identifiers and usages are there, or strict verifiers refuse and some clients hang."""
    leaf = read(authority.issue_node("131016", at=NOON).certificate)

    assert {extension.oid for extension in leaf.extensions} == {
        ExtensionOID.SUBJECT_KEY_IDENTIFIER,
        ExtensionOID.AUTHORITY_KEY_IDENTIFIER,
        ExtensionOID.KEY_USAGE,
        ExtensionOID.EXTENDED_KEY_USAGE,
        ExtensionOID.BASIC_CONSTRAINTS,
        ExtensionOID.SUBJECT_ALTERNATIVE_NAME,
    }
    assert {extension.oid for extension in authority.certificate.extensions} == {
        ExtensionOID.SUBJECT_KEY_IDENTIFIER,
        ExtensionOID.KEY_USAGE,
        ExtensionOID.BASIC_CONSTRAINTS,
    }


def test_a_brokers_certificate_names_its_network_and_hosts(authority: Authority):
    """Nodes accept a broker by the network's name for it, and people by its hosts."""
    leaf = read(authority.issue_broker(["nats.example"], at=NOON).certificate)
    names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value

    assert names.get_values_for_type(x509.DNSName) == ["broker.test", "nats.example"]


def test_an_authority_comes_back_from_disk(authority: Authority, tmp_path: Path):
    """What was saved is what is loaded, its key readable by nobody else."""
    authority.save(tmp_path / "ca")
    loaded = Authority.load(tmp_path / "ca")

    assert loaded.certificate == authority.certificate
    assert loaded.network == "test"
    assert stat.S_IMODE((tmp_path / "ca" / "ca.key").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "ca").stat().st_mode) == 0o700


def break_certificate(home: Path) -> None:
    """Something else lies in the certificate's place."""
    (home / "ca.pem").write_bytes(b"nonsense")


def swap_certificate(home: Path) -> None:
    """Another authority's certificate lies there."""
    (home / "ca.pem").write_bytes(Authority.create("other", at=NOON).pem)


def swap_key(home: Path) -> None:
    """A key of another kind lies there."""
    (home / "ca.key").unlink()
    ROOT.save(home / "ca.key")


def lose_certificate(home: Path) -> None:
    """No certificate lies there."""
    (home / "ca.pem").unlink()


@pytest.mark.parametrize("damage", [break_certificate, swap_certificate, swap_key, lose_certificate])
def test_a_damaged_authority_is_refused(authority: Authority, tmp_path: Path, damage: Any):
    """An authority that does not fit together is not used."""
    authority.save(tmp_path)
    damage(tmp_path)
    with pytest.raises(BadConfiguration):
        Authority.load(tmp_path)


def issue(authority: Authority, home: Path) -> NodeIdentity:
    """An identity of Chiyoda's."""
    return issue_identity(home, "131016", authority=authority, roots=[ROOT.public], at=NOON)


def test_an_identity_comes_back_from_disk(authority: Authority, tmp_path: Path):
    """A node finds its keys, its network and its roots again."""
    issued = issue(authority, tmp_path / "131016")
    loaded = NodeIdentity.load(tmp_path / "131016", at=NOON)

    assert loaded.node == issued.node == "131016"
    assert loaded.network == "test"
    assert loaded.roots == (ROOT.public,)
    assert loaded.keys.signing.public == issued.keys.signing.public
    assert loaded.keys.sealing.keys() == issued.keys.sealing.keys()
    assert loaded.cosigning.public == issued.cosigning.public
    assert loaded.log == issued.log


def test_a_node_runs_without_its_signers_key(authority: Authority, tmp_path: Path):
    """The log's key lies in the signer's folder, which may go elsewhere; the node knows the public half."""
    issued = issue(authority, tmp_path / "131016")
    signer = (tmp_path / "131016" / "signer").rename(tmp_path / "signer")

    assert NodeIdentity.load(tmp_path / "131016", at=NOON).log == issued.log
    assert SigningKey.load(signer / "log.pem").public == issued.log
    assert load_public_keys(signer / "roots") == (ROOT.public,)
    assert len({issued.log, issued.cosigning.public, issued.keys.signing.public}) == 3


def test_an_identity_is_its_owners_alone(authority: Authority, tmp_path: Path):
    """Directories are 0700, keys 0600."""
    home = tmp_path / "131016"
    issue(authority, home)

    assert {stat.S_IMODE(path.stat().st_mode) for path in (home, home / "sealing", home / "signer")} == {
        0o700
    }
    secrets = [home / "signing.pem", home / "cosigning.pem", home / "tls.key", home / "signer" / "log.pem"]
    secrets += (home / "sealing").iterdir()
    assert {stat.S_IMODE(path.stat().st_mode) for path in secrets} == {0o600}


def test_an_identity_is_not_issued_over_another(authority: Authority, tmp_path: Path):
    """A second issue is refused, and the first keys stay."""
    first = issue(authority, tmp_path)
    with pytest.raises(BadConfiguration):
        issue(authority, tmp_path)

    assert NodeIdentity.load(tmp_path, at=NOON).keys.signing.public == first.keys.signing.public


def no_roots(home: Path) -> None:
    """Nobody to believe."""
    (home / "roots").write_text("")


def bad_roots(home: Path) -> None:
    """Something else in the place of root keys."""
    (home / "roots").write_text("nonsense\n")


def bad_certificate(home: Path) -> None:
    """Something else in the place of the certificate."""
    (home / "tls.pem").write_text("nonsense\n")


def bad_log_key(home: Path) -> None:
    """Something else in the place of the log's public key."""
    (home / "log.pub").write_text("00\n")


def no_cosigning_key(home: Path) -> None:
    """Nothing to confirm others' checkpoints with."""
    (home / "cosigning.pem").unlink()


@pytest.mark.parametrize("damage", [no_roots, bad_roots, bad_certificate, bad_log_key, no_cosigning_key])
def test_a_damaged_identity_is_refused(authority: Authority, tmp_path: Path, damage: Any):
    """An identity that does not fit together is not used."""
    issue(authority, tmp_path)
    damage(tmp_path)
    with pytest.raises(BadConfiguration):
        NodeIdentity.load(tmp_path, at=NOON)


def test_an_expired_identity_is_refused(authority: Authority, tmp_path: Path):
    """A node whose certificate has ended learns it when it starts, not from a silent broker."""
    issue(authority, tmp_path)
    with pytest.raises(BadCertificate):
        NodeIdentity.load(tmp_path, at=NOON + 2 * LIFETIME)


def test_load_certificate_names_what_is_missing(tmp_path: Path):
    """A missing certificate is named."""
    with pytest.raises(BadConfiguration, match=r"nowhere\.pem"):
        load_certificate(tmp_path / "nowhere.pem")
