# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Settings: one TOML file, one frozen value; and the one place that reads the clock.

``OPENJUKI_HOME`` (default ``./var``) holds everything a running installation writes; it is 0700.
``OPENJUKI_CONFIG`` (default ``$OPENJUKI_HOME/openjuki.toml``) names the nodes that live there::

    network = "demo"
    nats_url = "tls://127.0.0.1:4300"

    [nodes.131016]
    kind = "municipality"
    database_url = "postgresql://131016_worker@/131016?host=…&passfile=…"

Secrets are files of their own, mode 0600, never values in this file.
"""

from __future__ import annotations

import os
import tomllib
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from openjuki.errors import BadConfiguration
from openjuki.refusal import Where

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Japan Standard Time, the time of every office.
JST = timezone(timedelta(hours=9), "JST")


def clock() -> datetime:
    """The machine's time in Japan. The core never calls this: it is handed the time."""
    return datetime.now(JST)  # noqa: TID251 - this is the edge that reads the clock


class Kind(StrEnum):
    """What a node is in the law."""

    MUNICIPALITY = "municipality"
    PREFECTURE = "prefecture"
    CENTRE = "centre"
    AGENCY = "agency"


#: Under which people are told who was told about them (保有個人情報の開示).
_DISCLOSURE_BASIS: Final = "個人情報の保護に関する法律第76条"
#: Node id of the Centre (機構).
CENTRE: Final = "centre"


class Register(StrEnum):
    """Whose resident register a municipality's node serves."""

    #: Register and CS in one: the node keeps resident records and households.
    OWN = "own"
    #: CS only: the register is another system's; only identification information enters.
    EXTERNAL = "external"


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeSettings:
    """Where one node keeps its book and its keys."""

    #: Node id: local government code, `centre`, or `agency-<slug>`.
    id: str
    #: What the node is in the law.
    kind: Kind
    #: Own register, or CS only; `own` where it is not said.
    register: Register
    #: The worker's database; the password is in a passfile.
    database_url: str
    #: Folder of its keys and certificates (0700), below the settings file's; `nodes/<id>` where it is not said.
    identity: Path
    #: Days after which a stay that is still open behind a later one is an alarm; 14 where it is not said.
    predecessor_days: int = 14
    #: Days for which what was passed on is kept: as old as a backup of its recipient may be; 35 where it is not said.
    passed_on_days: float = 35.0
    #: Most persons that the answer to a look-up shows; of more it tells the number. 20 where it is not said.
    look_up_most: int = 20
    #: The signer's database, under its own login; needed where one settings file serves both, else `database_url` is it.
    signer_database_url: str | None = None
    #: The signer's folder (0700): the log's key and what was signed last; `signer` in `identity` where it is not said.
    signer: Path | None = None
    #: Seconds between two checkpoints shown to the witnesses; 10 where it is not said.
    cosign_seconds: float = 10.0
    #: Hours without any witness's confirmation after which nothing is provided to others; 4 where it is not said.
    cosignature_hours: float = 4.0
    #: Address at which an agency's gateway listens: its side of the office's own network. `127.0.0.1` where it is not said.
    gateway_host: str = "127.0.0.1"
    #: Port of the gateway, or the next that is free; 0: any. 8720 where it is not said.
    gateway_port: int = 8720
    #: Certificate chain (PEM) of the gateway, which then speaks TLS; needed wherever it listens beyond its own machine.
    gateway_certificate: Path | None = None
    #: Its key (PEM), mode 0600.
    gateway_key: Path | None = None
    #: The name by which an agency's terminals call its gateway; passkeys are bound to it. `localhost` where it is not said.
    gateway_name: str = "localhost"
    #: Minutes without a step after which an operator's page is locked; 5 where it is not said.
    gateway_idle_minutes: float = 5.0
    #: Address at which the console of a prefecture or the Centre listens, as `gateway_host`. `127.0.0.1` where it is not said.
    console_host: str = "127.0.0.1"
    #: Port of the console, or the next that is free; 0: any. 8710 where it is not said.
    console_port: int = 8710
    #: Certificate chain (PEM) of the console, which then speaks TLS; needed wherever it listens beyond its own machine.
    console_certificate: Path | None = None
    #: Its key (PEM), mode 0600.
    console_key: Path | None = None
    #: The name by which terminals call the console; passkeys are bound to it. `localhost` where it is not said.
    console_name: str = "localhost"
    #: Minutes without a step after which a page of the console is locked; 5 where it is not said.
    console_idle_minutes: float = 5.0
    #: Affairs and recipients whose provisions may not be confirmed, even to the person they are about: ids, as the
    #: statute book and the node directory have them. None where it is not said.
    disclosure_withheld: tuple[str, ...] = ()
    #: Article under which the list of provisions is disclosed; 個人情報の保護に関する法律第76条 where it is not said.
    disclosure_basis: str = _DISCLOSURE_BASIS
    #: Most keys of a request in bulk that is answered from the database; a larger one is answered from the snapshot.
    #: 300000 where it is not said.
    bulk_by_database_up_to: int = 300_000
    #: Seconds that the state may be old from which requests in bulk are answered; 60 where it is not said.
    bulk_lag_seconds: float = 60.0
    #: Rows of each part of the keys that a node sends in bulk, at most 1,048,576; more where a file would have more than
    #: 64 parts. One part is answered while another is pulled, written or resumed. 262144 where it is not said.
    bulk_part_rows: int = 262_144
    #: Days for which an answer in bulk waits for its asker, and a request for its keys; 7 where it is not said.
    bulk_kept_days: float = 7.0
    #: The folder of a provider's snapshot (0700), 560 bytes a person free for two generations and the next; `snapshot` in
    #: `identity` where it is not said.
    snapshot: Path | None = None
    #: Hours after which what the journal has told since is merged into the next generation; 24 where it is not said.
    snapshot_hours: float = 24.0

    @property
    def signer_folder(self) -> Path:
        """Where the signer keeps its key and its state."""
        return self.signer or self.identity / "signer"

    @property
    def snapshot_folder(self) -> Path:
        """Where the generations of the snapshot lie."""
        return self.snapshot or self.identity / "snapshot"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """An installation: its home, its network, and the nodes that live here."""

    #: Folder of the settings file; the signed directory lies beside it.
    home: Path
    #: Name of the network, as in its signed directory.
    network: str
    #: The broker.
    nats_url: str
    #: The nodes that live here, by node id.
    nodes: Mapping[str, NodeSettings]

    @property
    def directory(self) -> Path:
        """The signed node directory, as it was last received."""
        return self.home / "directory.json"

    def node(self, node_id: str) -> NodeSettings:
        """The settings of one node.

        Raises:
            BadConfiguration: no such node here.
        """
        try:
            return self.nodes[node_id]
        except KeyError:
            known = ", ".join(sorted(self.nodes)) or "none"
            raise BadConfiguration(f"node {node_id!r} is not configured here; configured: {known}") from None


def home() -> Path:
    """``OPENJUKI_HOME``, by default ``./var``."""
    return Path(os.environ.get("OPENJUKI_HOME") or "var").absolute()


def load(path: Path | None = None) -> Settings:
    """Read the settings.

    Raises:
        BadConfiguration: the file is missing, is not TOML, or lacks a setting; `where` names it.
    """
    path = path or Path(os.environ.get("OPENJUKI_CONFIG") or home() / "openjuki.toml")
    where = Where(file=path.name)
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        message = f"no settings at {path}; run `juki demo` first, or set OPENJUKI_CONFIG"
        raise BadConfiguration(message, where=where) from None
    except OSError as error:
        raise BadConfiguration(f"{path} cannot be read: {error.strerror}", where=where) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadConfiguration(f"{path} is not TOML: {error}", where=where) from None
    try:
        return _settings(path.parent, table)
    except (KeyError, ValueError, AttributeError) as error:
        raise BadConfiguration(f"missing or wrong setting in {path}: {error}", where=where) from None


def _settings(directory: Path, table: Mapping[str, Any]) -> Settings:
    alone = len(table["nodes"]) == 1
    nodes = {node_id: _node(directory, node_id, row, alone=alone) for node_id, row in table["nodes"].items()}
    nats_url = os.environ.get("OPENJUKI_NATS_URL") or table["nats_url"]
    return Settings(home=directory, network=table["network"], nats_url=nats_url, nodes=nodes)


def _node(directory: Path, node_id: str, row: Mapping[str, Any], *, alone: bool) -> NodeSettings:
    return NodeSettings(
        id=node_id,
        kind=Kind(row["kind"]),
        register=Register(row.get("register", "own")),
        predecessor_days=int(row.get("predecessor_days", 14)),
        passed_on_days=float(row.get("passed_on_days", 35)),
        look_up_most=int(row.get("look_up_most", 20)),
        database_url=_database_url(row, alone=alone),
        identity=directory / row.get("identity", f"nodes/{node_id}"),
        signer_database_url=row.get("signer_database_url"),
        signer=directory / row["signer"] if "signer" in row else None,
        cosign_seconds=float(row.get("cosign_seconds", 10)),
        cosignature_hours=float(row.get("cosignature_hours", 4)),
        gateway_host=str(row.get("gateway_host", "127.0.0.1")),
        gateway_port=int(row.get("gateway_port", 8720)),
        gateway_certificate=directory / row["gateway_certificate"] if "gateway_certificate" in row else None,
        gateway_key=directory / row["gateway_key"] if "gateway_key" in row else None,
        gateway_name=str(row.get("gateway_name", "localhost")),
        gateway_idle_minutes=float(row.get("gateway_idle_minutes", 5)),
        bulk_by_database_up_to=int(row.get("bulk_by_database_up_to", 300_000)),
        bulk_lag_seconds=float(row.get("bulk_lag_seconds", 60)),
        bulk_part_rows=int(row.get("bulk_part_rows", 262_144)),
        bulk_kept_days=float(row.get("bulk_kept_days", 7)),
        snapshot=directory / row["snapshot"] if "snapshot" in row else None,
        snapshot_hours=float(row.get("snapshot_hours", 24)),
        console_host=str(row.get("console_host", "127.0.0.1")),
        console_port=int(row.get("console_port", 8710)),
        console_certificate=directory / row["console_certificate"] if "console_certificate" in row else None,
        console_key=directory / row["console_key"] if "console_key" in row else None,
        console_name=str(row.get("console_name", "localhost")),
        console_idle_minutes=float(row.get("console_idle_minutes", 5)),
        disclosure_withheld=tuple(map(str, row.get("disclosure_withheld", ()))),
        disclosure_basis=str(row.get("disclosure_basis", _DISCLOSURE_BASIS)),
    )


def _database_url(row: Mapping[str, Any], *, alone: bool) -> str:
    """``OPENJUKI_DATABASE_URL`` speaks for the only node configured; with several it would be ambiguous."""
    override = os.environ.get("OPENJUKI_DATABASE_URL")
    return override if override and alone else str(row["database_url"])
