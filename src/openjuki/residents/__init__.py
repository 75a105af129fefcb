# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""The register, pure (住民基本台帳): what is recorded of a person, how it may change, and what is told of it.

No I/O, no clock, no randomness: time is an argument. `record` holds the row, `changes` the reasons,
`transitions` which may follow which, `history` a municipality's rows, `stays` what upper tiers make of notices.
"""
