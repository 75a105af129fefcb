# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""What every test may use."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from hypothesis import settings

os.environ.pop("COLUMNS", None)  # a console that is made while this stands is so wide for good
sys.path.insert(0, str(Path(__file__).parent))  # so that fixtures/ can be imported by name

# How long an example takes is the machine's affair, and no test asserts a time.
settings.register_profile("openjuki", deadline=None)
settings.load_profile("openjuki")

#: Whoever is imported comes before whoever imports.
pytest_plugins = [
    "fixtures.network",
    "fixtures.postgres",
    "fixtures.ground",
    "fixtures.offices",
    "fixtures.installation",
    "fixtures.signers",
    "fixtures.providers",
    "fixtures.gateway",
    "fixtures.desk",
    "fixtures.standing",
    "fixtures.signed_book",
    "fixtures.systems",
    "fixtures.disclosing",
    "fixtures.console",
]
