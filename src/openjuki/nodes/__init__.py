# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Nodes at work (機関): one office's book, keys and line, the exchange with others, and the roles."""
