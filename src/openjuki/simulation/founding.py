# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Founding a nation (立上げ): the authority, the keys, the signed node directory and the settings of every node."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from openjuki.codes.local_government import municipality
from openjuki.config import CENTRE, Kind, Register
from openjuki.nodes.roles.centre import SEEDED
from openjuki.pki.authority import Authority
from openjuki.pki.files import write_secret
from openjuki.pki.identity import issue_identity
from openjuki.pki.keys import SigningKey
from openjuki.wire.directory import Directory, Node, write_directory

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime
    from pathlib import Path

    from openjuki.simulation.agencies import PlannedAgency
    from openjuki.simulation.nation_plan import PlannedPrefecture

#: The network's name in the directory of every demonstration.
NETWORK = "demo"
_LIFE = timedelta(days=365)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedNode:
    """A node to be founded (設置する機関)."""

    id: str
    kind: Kind
    name: str
    prefecture: str | None = None
    register: Register = Register.OWN


def planned_nodes(
    plan: Iterable[PlannedPrefecture], agencies: Iterable[PlannedAgency] = ()
) -> Iterator[PlannedNode]:
    """Every node of the plan: the Centre, then each prefecture with its municipalities, then the agencies."""
    yield PlannedNode(id=CENTRE, kind=Kind.CENTRE, name="機構")
    for prefecture in plan:
        towns = [municipality(town.code) for town in prefecture.municipalities]
        yield PlannedNode(id=str(prefecture.code), kind=Kind.PREFECTURE, name=towns[0].prefecture)
        for town, planned in zip(towns, prefecture.municipalities, strict=True):
            yield PlannedNode(
                id=str(planned.code),
                kind=Kind.MUNICIPALITY,
                name=town.name,
                prefecture=str(prefecture.code),
                register=Register.OWN if planned.keeps_register else Register.EXTERNAL,
            )
    for agency in agencies:
        upper = None if agency.prefecture is None else str(agency.prefecture)
        yield PlannedNode(id=agency.id, kind=Kind.AGENCY, name=agency.name, prefecture=upper)


def found(home: Path, nodes: Iterable[PlannedNode], seed: int, at: datetime) -> tuple[Authority, Directory]:
    """Draw every key, certify and list every node; the Centre's number key alone comes from the seed."""
    authority = Authority.create(NETWORK, at=at)
    authority.save(home / "pki")
    root = SigningKey.generate()
    root.save(home / "pki" / "root.pem")
    listed = {}
    for node in nodes:
        identity = issue_identity(
            home / "nodes" / node.id, node.id, authority=authority, roots=[root.public], at=at
        )
        entry = Node.of(identity.keys, node.kind, node.name, prefecture=node.prefecture, since=at)
        listed[node.id] = entry.keeping_log(identity.log, cosigning=identity.cosigning.public, since=at)
    key = hashlib.sha256(f"openjuki/simulation/number-key/{seed}".encode()).hexdigest()
    write_secret(home / "nodes" / CENTRE / "number.key", SEEDED + key.encode())
    directory = Directory(network=NETWORK, version=1, issued=at, expires=at + _LIFE, nodes=listed)
    (home / "directory.json").write_bytes(write_directory(directory, root))
    return authority, directory


def write_settings(
    home: Path,
    nodes: Iterable[PlannedNode],
    nats_url: str,
    databases: Mapping[str, str],
    signers: Mapping[str, str] | None = None,
) -> None:
    """Write `openjuki.toml`: which nodes live here, where their books are, and how their signers get there."""
    lines = [f'network = "{NETWORK}"', f'nats_url = "{nats_url}"']
    for node in nodes:
        lines += [
            f"\n[nodes.{node.id}]  # {node.name}",
            f'kind = "{node.kind}"',
            *([f'register = "{node.register}"'] if node.kind is Kind.MUNICIPALITY else []),
            f'database_url = "{databases[node.id]}"',
            *([f'signer_database_url = "{signers[node.id]}"'] if signers else []),
        ]
    fresh = home / "openjuki.toml.new"
    fresh.write_text("\n".join(lines) + "\n", encoding="utf-8")
    fresh.chmod(0o600)
    fresh.rename(home / "openjuki.toml")  # whole: the workers wait for it
