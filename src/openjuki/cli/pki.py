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
from openjuki.codes.local_government import LocalGovernmentCode
from openjuki.config import CENTRE, Kind
from openjuki.errors import BadConfiguration
from openjuki.pki.authority import Authority
from openjuki.pki.files import write_public, write_secret
from openjuki.pki.identity import issue_identity
from openjuki.pki.keys import SigningKey
from openjuki.wire.directory import Directory, Node, read_directory, write_directory
from openjuki.wire.document import NODE_ID


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
    prefecture: Annotated[
        str | None,
        typer.Option(
            help="A municipality's prefecture, by node id; an agency's, whose governor provides to it."
        ),
    ] = None,
) -> None:
    """Draw a node's keys, certify them, and list the node in the next edition of the directory.

    機関の鍵と証明書を発行し、次の版の名簿に載せます。

    Example: `juki pki issue 131016 --kind municipality --name 千代田区 --prefecture 130001`
    """
    home, now = config.home(), config.clock()
    authority, root = Authority.load(home / "pki"), SigningKey.load(home / "pki" / "root.pem")
    path = home / "directory.json"
    edition = read_directory(path.read_bytes(), roots=[root.public], at=now)
    _check_id(node, kind)
    _check_prefecture(prefecture, kind, edition)
    identity = issue_identity(home / "nodes" / node, node, authority=authority, roots=[root.public], at=now)
    listed = Node.of(identity.keys, kind, name, prefecture=prefecture, since=now)
    listed = listed.keeping_log(identity.log, cosigning=identity.cosigning.public, since=now)
    write_public(path, write_directory(edition.revise([listed], issued=now, expires=now + LIFE), root))
    output.say(f"{node}: {home / 'nodes' / node}")


def _check_id(node: str, kind: Kind) -> None:
    """Return only where the id says what the node is: in a signed directory a wrong one would stand for ever.

    Raises:
        BadCode: a code of a local government that is none.
        BadConfiguration: the id is another kind's.
    """
    if kind in {Kind.MUNICIPALITY, Kind.PREFECTURE}:
        named = node == LocalGovernmentCode.parse(node)
    elif kind is Kind.CENTRE:
        named = node == CENTRE
    else:
        named = node.startswith("agency-") and NODE_ID.fullmatch(node) is not None
    if not named:
        raise BadConfiguration(
            "a municipality or prefecture is named by its 6-digit code, the Centre `centre`, an agency `agency-…`"
        )


def _check_prefecture(prefecture: str | None, kind: Kind, edition: Directory) -> None:
    """Return only where a municipality, and perhaps an agency, names a prefecture that is listed."""
    if prefecture is None and kind is Kind.MUNICIPALITY:
        raise BadConfiguration("a municipality has a --prefecture")
    if prefecture is None:
        return
    if kind not in {Kind.MUNICIPALITY, Kind.AGENCY}:
        raise BadConfiguration("only a municipality or an agency has a --prefecture")
    if prefecture not in edition.nodes or edition.nodes[prefecture].kind is not Kind.PREFECTURE:
        raise BadConfiguration("the directory lists no such prefecture; issue it first")


def number_key() -> None:
    """Draw the key under which the Centre derives individual numbers (番号法施行令8条); there is only ever one.

    個人番号の生成に使う鍵を作ります。

    Example: `juki pki number-key`
    """
    path = config.home() / "nodes" / CENTRE / "number.key"
    write_secret(path, secrets.token_hex(32).encode())
    output.say(str(path))
