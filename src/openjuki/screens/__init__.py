# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""What every set of pages for an office's own people is made of (画面の土台), the gateway's and the console's alike.

Each module has one rule: `place` says where pages are served, `serving` serves them, `guard` who may speak to them,
`entrance` who is let in, by what `signin` makes of a passkey and `sessions` of a cookie; `frame` is around every page,
`forms` reads what is sent from one.
"""
