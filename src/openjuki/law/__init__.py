# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""The statute book as data (法令), and the decisions that follow from it; pure: no I/O, clock or randomness."""
