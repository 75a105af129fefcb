# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""``juki directory``: who belongs to the network, and whose connection has ended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from openjuki import config
from openjuki.cli import output, places
from openjuki.errors import BadConfiguration
from openjuki.pki.authority import Authority
from openjuki.pki.files import write_public, write_secret
from openjuki.pki.identity import NodeIdentity
from openjuki.pki.keys import PublicKey, SigningKey
from openjuki.wire.broker import EmbeddedBroker, configuration, permissions
from openjuki.wire.directory import Directory, Node, read_directory, write_directory

Config = Annotated[Path | None, typer.Option("--config", help="Settings (TOML).")]
#: The root key of the directory, in the home of whoever keeps it.
_ROOT = Path("pki", "root.pem")
#: How long an edition of the directory is believed.
LIFE = timedelta(days=365)

AsJson = Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")]


def attach(app: typer.Typer) -> None:
    """Add the commands."""
    directory = typer.Typer(no_args_is_help=True, help="機関名簿 / the signed node directory.")
    directory.command()(show)
    directory.command()(revoke)
    directory.command("restart-journal")(restart_journal)
    directory.command()(broker)
    app.add_typer(directory, name="directory")


def show(config_file: Config = None, as_json: AsJson = False) -> None:
    """List the nodes of the network, and check the directory's signature.

    機関名簿を表示し、署名を確かめます。

    Example: `juki directory show --json`
    """
    _, edition = _kept(config_file)
    if as_json:
        nodes = [_line(node) for node in edition.nodes.values()]
        head = {"network": edition.network, "version": edition.version}
        output.emit("directory", {**head, "expires": edition.expires.isoformat(), "nodes": nodes})
        return
    table = Table(title=f"{edition.network} 第{edition.version}版", title_justify="left")
    for title in ("機関 Node", "名称 Name", "種別 Kind", "都道府県 Prefecture", "取消 Revoked"):
        table.add_column(title)
    for node in edition.nodes.values():
        revoked = node.revoked_at.isoformat(timespec="seconds") if node.revoked_at else ""
        table.add_row(node.id, node.name, node.kind.value, node.prefecture or "", revoked)
    output.show(table, ids=0)


def revoke(
    node: Annotated[str, typer.Argument(help="The node whose connection is to end.")],
    config_file: Config = None,
) -> None:
    """Revoke a node: the next edition of the directory says so, and the broker cuts it off at once.

    機関の接続を取り消します。次の版の名簿に記載し、中継サーバから直ちに切り離します。

    Example: `juki directory revoke 223069`
    """
    (home, edition), now = _kept(config_file), config.clock()
    revised = _publish(home, edition, replace(edition.node(node), revoked_at=now), now)
    broker = EmbeddedBroker(home, authority=Authority.load(home / "pki"))
    output.say(f"{node}: 取り消しました。 Revoked in edition {revised.version}.")
    if broker.pid is not None:
        broker.reload(permissions(revised, at=now))


def restart_journal(
    node: Annotated[str, typer.Argument(help="The node that lost a part of its journal for good.")],
    config_file: Config = None,
) -> None:
    """List a node's next journal: what others have seen of the one before is given up, and the links go on.

    バックアップから復元しても戻らなかった機関の記録簿を起こし直します。次の版の名簿に新しい記録簿番号を記載します。

    Example: `juki directory restart-journal 223069`
    """
    (home, edition), now = _kept(config_file), config.clock()
    listed = edition.node(node)
    revised = _publish(home, edition, replace(listed, journal=listed.journal + 1), now)
    output.say(
        f"{node}: 記録簿番号 {listed.journal + 1} を名簿に記載しました。 Listed in edition {revised.version}.",
    )


def broker(
    folder: Annotated[
        Path,
        typer.Argument(help="Where the broker will find its files.", callback=places.own_folder),
    ],
    listen: Annotated[str, typer.Option(help="HOST:PORT that it is to listen on.")] = "0.0.0.0:4222",
) -> None:
    """Write what a NATS server of your own needs: certificate, key, and the directory as permissions.

    別に立てた NATS サーバの設定(証明書と許可表)を書き出します。名簿が変わるたびに書き直してください。

    Example: `juki directory broker /etc/openjuki-broker --listen 10.0.0.5:4222`
    """
    home, now = config.home(), config.clock()
    authority, root = Authority.load(home / "pki"), SigningKey.load(home / _ROOT)
    edition = read_directory((home / "directory.json").read_bytes(), roots=[root.public], at=now)
    folder.mkdir(mode=0o700, exist_ok=True)
    if not (folder / "tls.key").exists():
        issued = authority.issue_broker([listen.rpartition(":")[0]], at=now)
        write_secret(folder / "tls.key", issued.key)
        write_public(folder / "tls.pem", issued.certificate)
        write_public(folder / "ca.pem", authority.pem)
    written = configuration(permissions(edition, at=now), home=folder.absolute(), listen=listen)
    write_public(folder / "broker.conf", written)
    output.say(f"nats-server --config {folder / 'broker.conf'}")


def _kept(config_file: Path | None) -> tuple[Path, Directory]:
    """The home, and the edition of the directory there; who keeps its root key and runs no node has no settings.

    Raises:
        BadConfiguration: there are neither settings nor a root key.
        PeerError: the directory is not this network's, or has expired.
    """
    now = config.clock()
    try:
        settings = config.load(config_file)
    except BadConfiguration:
        home = config.home()
        if config_file is not None or (home / "openjuki.toml").exists() or not (home / _ROOT).exists():
            raise
        roots: Sequence[PublicKey] = [SigningKey.load(home / _ROOT).public]
    else:
        home = settings.home
        roots = NodeIdentity.load(next(iter(settings.nodes.values())).identity, at=now).roots
    return home, read_directory((home / "directory.json").read_bytes(), roots=roots, at=now)


def _publish(home: Path, edition: Directory, changed: Node, now: datetime) -> Directory:
    """Sign the next edition, in which a node is listed otherwise."""
    revised = edition.revise([changed], issued=now, expires=now + LIFE)
    write_public(home / "directory.json", write_directory(revised, SigningKey.load(home / _ROOT)))
    return revised


def _line(node: Node) -> dict[str, str | int | None]:
    return {
        "id": node.id,
        "name": node.name,
        "kind": node.kind.value,
        "prefecture": node.prefecture,
        "revoked_at": node.revoked_at.isoformat() if node.revoked_at else None,
        "journal": node.journal,
    }
