# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Initial load (初期セットアップ) of an empty store in columns, where taking in notice by notice would take days."""

from openjuki.store.bulk.loading import Loaded, load
from openjuki.store.bulk.preparing import SCHEMA

__all__ = ["SCHEMA", "Loaded", "load"]
