# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""The index to the log of bulk provisions (提供の記録の索引): who received data about a person, found by code."""
