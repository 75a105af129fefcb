# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""The gateway is as its description says, whatever a stranger's tool sends it as three different agencies."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from fixtures.ground import PENSIONS, TAX_OFFICE, WELFARE
from fixtures.systems import IZUITE, TOKYOITE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fixtures.systems import System

pytestmark = [pytest.mark.postgres, pytest.mark.nats]

HOOKS = Path(__file__).parents[2] / "fixtures" / "fuzzing.py"
#: A request that is too large is refused as such, and a credential that is none before anything is read.
CONFIG = """
[checks]
negative_data_rejection.expected-statuses = [400, 401, 404, 413, 422]
positive_data_acceptance.expected-statuses = [200, 403, 404]
"""


@pytest.mark.parametrize("agency", [PENSIONS, TAX_OFFICE, WELFARE])
async def test_the_gateway_keeps_to_its_description(
    systems: Mapping[str, System], agency: str, tmp_path: Path
):
    """Every check of schemathesis, and no item in an answer that the affair does not grant."""
    system = systems[agency]
    purpose = (await system.get(f"affairs/{system.affair}")).json()
    asked = (await system.post("provisions", TOKYOITE)).json()
    (tmp_path / "schemathesis.toml").write_text(CONFIG)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "schemathesis.cli"),
        *("--config-file", tmp_path / "schemathesis.toml", "run", f"{system.url}/v1/openapi.json"),
        *("--checks", "all", "--max-examples", "12", "--seed", "7", "--generation-database", "none"),
        *("--header", f"Authorization: Bearer {system.issued.secret}"),
        *(
            "--exclude-operation-id",
            "bulkPut",
        ),  # a file that says nothing of a person is none, whatever its form
        *("--exclude-operation-id", "clientelePut"),  # likewise
        *("--phases", "examples,coverage,fuzzing", "--no-color", "--max-failures", "3"),
        env={
            **os.environ,
            "SCHEMATHESIS_HOOKS": str(HOOKS),
            "JUKI_AFFAIR": system.affair,
            "JUKI_PEOPLE": f"{TOKYOITE['resident_code']} {IZUITE['resident_code']}",
            "JUKI_LINE": asked["ledger"],
            "JUKI_ITEMS": " ".join(purpose["items"]),
        },
        cwd=tmp_path,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()

    assert process.returncode == 0, said.decode()
    lines = (await system.get("ledger", limit=1000)).json()["lines"]
    results = {result for line in lines for result in line["results"]}
    assert {"matched", "mismatch", "malformed", "not_permitted"} <= results, (
        "it was asked about people there are"
    )
