# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Provision in bulk at its provider (一括提供): taken in, decided once, answered part by part, pulled, receipted.

`serving` hears what askers say, `deciding` asks the law, `receiving` pulls keys, `spool` keeps what is pulled from
here, `jobs` goes through what waits. Who answers is one of two engines, `by_database` and `by_snapshot`, which say
the same of the same register. Specified in ``docs/spec/bulk.md``.
"""
