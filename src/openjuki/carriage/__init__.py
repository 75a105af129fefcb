# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Carriage (データの受渡し): registers and changes as files, in and out."""
