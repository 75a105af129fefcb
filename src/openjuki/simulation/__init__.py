# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""A nation in a box (模擬の全国): made-up people, real place names, and every office in one process tree.

The only place with seeded randomness and demo keys; a node outside it refuses them.
"""
