# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""The book of every node: PostgreSQL, its schema, and the SQL that reads and writes it."""
