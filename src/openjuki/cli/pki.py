# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""``juki pki``: the authority of a network, the keys of its nodes, the Centre's number key."""

from __future__ import annotations

import secrets
from typing import Annotated

import typer

from openjuki import config
from openjuki.cli import output
from openjuki.cli.network import LIFE
from openjuki.config import CENTRE, Kind
from openjuki.errors import BadConfiguration
from openjuki.pki.authority import Authority
from openjuki.pki.files import write_public, write_secret
from openjuki.pki.identity import issue_identity
from openjuki.pki.keys import SigningKey
from openjuki.wire.directory import Directory, Node, read_directory, write_directory


def attach(app: typer.Typer) -> None:
    """Add the commands."""
    pki = typer.Typer(no_args_is_help=True, help="鍵と証明書 / keys and certificates of a network.")
    pki.command()(found)
    pki.command()(issue)
    pki.command("number-key")(number_key)
    app.add_typer(pki, name="pki")


def found(network: Annotated[str, typer.Option(help="Name of the network, for ever.")]) -> None:
    """Found a network: draw its authority and its root key, and sign an empty directory.

    ネットワークの認証局とルート鍵を作ります。

    Example: `juki pki found --network kanto-test`
    """
    home, now = config.home(), config.clock()
    Authority.create(network, at=now).save(home / "pki")
    root = SigningKey.generate()
    root.save(home / "pki" / "root.pem")
    empty = Directory(network=network, version=1, issued=now, expires=now + LIFE, nodes={})
    write_public(home / "directory.json", write_directory(empty, root))
    output.say(f"{network}: {home / 'pki'}")


def issue(
    node: Annotated[str, typer.Argument(help="Node id: a 6-digit code, `centre`, or `agency-<slug>`.")],
    kind: Annotated[Kind, typer.Option(help="What the node is in the law.")],
    name: Annotated[str, typer.Option(help="For people.")],
    prefecture: Annotated[str | None, typer.Option(help="A municipality's prefecture, by node id.")] = None,
) -> None:
    """Draw a node's keys, certify them, and list the node in the next edition of the directory.

    機関の鍵と証明書を発行し、次の版の名簿に載せます。

    Example: `juki pki issue 131016 --kind municipality --name 千代田区 --prefecture 130001`
    """
    home, now = config.home(), config.clock()
    authority, root = Authority.load(home / "pki"), SigningKey.load(home / "pki" / "root.pem")
    if (kind is Kind.MUNICIPALITY) != (prefecture is not None):
        raise BadConfiguration("a municipality, and nobody else, has a --prefecture")
    path = home / "directory.json"
    edition = read_directory(path.read_bytes(), roots=[root.public], at=now)
    identity = issue_identity(home / "nodes" / node, node, authority=authority, roots=[root.public], at=now)
    listed = Node.of(identity.keys, kind, name, prefecture=prefecture, since=now)
    listed = listed.keeping_log(identity.log, cosigning=identity.cosigning.public, since=now)
    write_public(path, write_directory(edition.revise([listed], issued=now, expires=now + LIFE), root))
    output.say(f"{node}: {home / 'nodes' / node}")


def number_key() -> None:
    """Draw the key under which the Centre derives individual numbers (番号法施行令8条); there is only ever one.

    個人番号の生成に使う鍵を作ります。

    Example: `juki pki number-key`
    """
    path = config.home() / "nodes" / CENTRE / "number.key"
    write_secret(path, secrets.token_hex(32).encode())
    output.say(str(path))
