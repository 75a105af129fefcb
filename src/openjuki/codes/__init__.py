# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""The numbers the law assigns, one file each, all with the same names.

`parse` reads, `is_valid` asks, `check_digit` computes, `from_body` completes, `format` writes for people,
`draw` takes a random one. The values are strings: they go to JSON and SQL as they are.
"""
