# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""The registers that the towns of a nation start from (既存台帳): files like any vendor's, and what lies before them.

Before the day, the Centre has designated the codes and generated the numbers that stand in the files, and
every town has a stock of unused codes. All of it follows from the seed.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv

from openjuki.carriage.importing import read_register
from openjuki.codes.local_government import LocalGovernmentCode
from openjuki.codes.resident import ResidentCode
from openjuki.config import Register
from openjuki.nodes import intake
from openjuki.nodes.counter import MUNICIPAL_ITEMS
from openjuki.nodes.roles.centre import number_key
from openjuki.simulation.chance import Chance
from openjuki.simulation.people import people
from openjuki.store import register, registry

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date
    from pathlib import Path

    from openjuki.carriage.importing import ImportRow
    from openjuki.nodes.node import Office
    from openjuki.store.database import Connection

#: Unused codes that a town has on the day.
STOCK: Final = 400


async def settle(centre: Office, town: Office, seed: int, count: int, on: date) -> pa.RecordBatch:
    """Make a town's residents as of the day before the network, codes, numbers and stock included."""
    chance = Chance(seed, town.id, "codes")
    residents = people(seed, town.id, count, on=on)

    async def designate(connection: Connection) -> tuple[list[str], list[str], dict[str, str]]:
        def draw() -> ResidentCode:
            return ResidentCode.draw(chance.entropy(16))

        at = centre.clock()
        codes = await registry.designate(connection, town.id, "founding", count, draw, at)
        stock = await registry.designate(connection, town.id, "stock", STOCK, draw, at)
        key = number_key(centre.settings.identity, simulated=True)
        borne = {ResidentCode(code): None for code in codes}
        return codes, stock, await registry.generate(connection, borne, key, at)

    codes, stock, numbers = await centre.read(designate)
    orders = {code: order for order, code in enumerate(stock)}
    await town.read(lambda connection: register.add_stock(connection, orders, town.clock()))
    columns = dict(zip(residents.schema.names, residents.columns, strict=True))
    if town.settings.register is Register.EXTERNAL:
        entered = pc.coalesce(columns["became_resident_on"], columns["became_foreign_resident_on"])
        columns = {name: column for name, column in columns.items() if name not in MUNICIPAL_ITEMS}
        columns["entry_date"] = entered  # what a foreign resident's says of it is the other system's
    columns |= {
        "resident_code": pa.array(codes),
        "individual_number": pa.array([numbers[code] for code in codes]),
    }
    return pa.record_batch(columns)


def write(residents: pa.RecordBatch, path: Path) -> None:
    """Write a register as a file (UTF-8), as a vendor would hand it over."""
    path.parent.mkdir(mode=0o700, exist_ok=True)
    pa_csv.write_csv(residents, path)
    path.chmod(0o600)


async def _enter(town: Office, rows: Sequence[ImportRow], connection: Connection) -> intake.TakenIn:
    return await intake.take_in(town, connection, rows)


async def take_in(town: Office, path: Path, advance: Callable[[int], None]) -> int:
    """Import a register as `juki import` does; returns how many residents entered."""
    entered = 0
    for chunk in read_register(path, municipality=LocalGovernmentCode(town.id)):
        assert not chunk.rejected, "whoever makes people makes them fit to be recorded"
        taken = await town.transact(partial(_enter, town, chunk.rows))
        entered += taken.entered
        advance(len(chunk.rows))
    return entered
