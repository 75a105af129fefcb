# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Verification (検証): whether a book is the one that was signed, and if not, where it is not.

Theory of operation. The newest checkpoint whose signature is good says which root the journal must have. From
that root `descent` goes down tile by tile, so that it meets the leaves in order and holds one tile a level.
What stands above is believed; what stands below must hash to it. A tile that does not is computed again from
what is below it: `settling` looks for the fewest hashes to replace, and those are the damaged ones, in the tile
if the computed ones fit and in the leaf if the stored ones do. So one flipped byte is named once, and does not
spoil what is above or beside it.

The leaves that were settled feed a second tree, `growth`, from the left. Every older checkpoint, and whatever
a witness, the signer or an auditor remembers, must be met by it on its way.

What was written since the newest checkpoint has no tiles yet: `tail` holds it against the row of the tree.

`journal` is a book in a node's database; one in a folder is `openjuki.carriage.logbook`.
"""
