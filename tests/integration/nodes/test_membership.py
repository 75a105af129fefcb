# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""A node keeps up with the directory: what a root signed, and only what is newer."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from fixtures.network import CENTRE, CHIYODA, CHUO, TOKYO
from openjuki import errors
from openjuki.nodes import exchange, membership
from openjuki.pki.files import write_public
from openjuki.pki.keys import SigningKey
from openjuki.wire.directory import write_directory
from openjuki.wire.link import START, Pull

if TYPE_CHECKING:
    from fixtures.offices import Country

pytestmark = [pytest.mark.postgres, pytest.mark.nats]


async def test_a_newer_edition_on_the_disk_is_taken(country: Country):
    """The operator puts the next edition there; the node reads it, and not again until it changes."""
    town = await country.node(CHIYODA)
    await membership.reread(town)
    assert town.directory.version == 1
    write_public(town.published, country.revoke(CHUO))

    assert not await membership.reread(town)

    assert town.directory.version == 2
    assert town.directory.nodes[CHUO].revoked_at is not None
    town.published.write_bytes(b"as if never read")
    os.utime(town.published, ns=(0, town.directory_seen))
    await membership.reread(town)


async def test_a_newer_edition_is_fetched_and_kept(country: Country):
    """The Centre hands it out; it replaces what the node knew, and lies on its disk from then on."""
    await country.connected(CENTRE)
    town = await country.connected(CHIYODA)
    signed = country.revise()

    assert not await membership.fetch(town)

    assert town.directory.version == 2
    assert town.published.read_bytes() == signed
    assert [path.name for path in town.published.parent.glob("directory-131016*")] == [town.published.name]


async def test_an_edition_that_is_known_changes_nothing(country: Country):
    """Nothing is written for an edition that is there already."""
    await country.connected(CENTRE)
    town = await country.connected(CHIYODA)
    known, written = town.directory, town.published.stat().st_mtime_ns

    await membership.fetch(town)

    assert (town.directory, town.published.stat().st_mtime_ns) == (known, written)


async def test_the_centre_fetches_from_nobody(country: Country):
    """It reads its own disk."""
    centre = await country.node(CENTRE)

    assert not await membership.fetch(centre)


async def refused(country: Country, content: bytes, error: type[errors.JukiError]) -> None:
    """An edition on the disk is refused, again and again, and the one known stands."""
    town = await country.node(CHIYODA)
    known = town.directory
    write_public(town.published, content)

    for _ in range(2):
        with pytest.raises(error):
            await membership.reread(town)
    assert town.directory == known


async def test_an_edition_of_another_root_is_refused(country: Country):
    """Whoever can write to the disk cannot add a node."""
    country.directory = replace(country.directory, version=2)

    await refused(country, write_directory(country.directory, SigningKey.generate()), errors.ForgedEnvelope)


async def test_an_older_edition_is_refused(country: Country):
    """An edition from before a revocation does not bring the revoked back."""
    old = write_directory(country.directory, country.ground.root)
    country.revoke(CHUO)

    await refused(country, old, errors.StaleDirectory)


async def test_another_edition_of_the_same_version_is_refused(country: Country):
    """A version is issued once."""
    other = replace(country.directory, expires=country.clock())

    await refused(country, write_directory(other, country.ground.root), errors.StaleDirectory)


async def test_an_expired_edition_is_refused(country: Country):
    """A directory is believed for as long as it says."""
    expired = replace(country.directory, version=9, expires=country.clock())

    await refused(country, write_directory(expired, country.ground.root), errors.StaleDirectory)


async def test_a_file_that_is_no_directory_is_refused(country: Country):
    """A damaged file leaves the node with what it knew."""
    await refused(country, b"hello", errors.BadEnvelope)


async def test_a_revoked_town_is_refused_once_the_next_edition_is_known(country: Country):
    """Edition n answers a town; edition n+1, fetched from the Centre, revokes it, and its requests end there."""
    await country.connected(CENTRE)
    tokyo, town = await country.connected(TOKYO), await country.connected(CHIYODA)
    pull = Pull(mark=START, limit=1).to_bytes()
    await exchange.ask(tokyo, CHIYODA, "pull", pull)
    country.nodes[CENTRE].published.write_bytes(country.revoke(CHIYODA))

    await membership.fetch(tokyo)

    with country.refuses(errors.RevokedNode):
        await exchange.ask(tokyo, CHIYODA, "pull", pull)
    with pytest.raises((errors.PeerUnavailable, errors.NotPermitted)):
        await membership.fetch(town)
    assert town.directory.version == 1
