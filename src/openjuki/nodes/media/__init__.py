# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Provision in bulk by hand (媒体による一括提供): the same requests, answers and receipts as over the line, on media.

Theory of operation. A request that is asked for by this method is prepared, decided and entered like any other; then it
is packed with its sealed keys instead of being sent (`sending`). The provider takes the parcel in (`taking`), decides,
and answers with the same engine in the same turns; its answer is packed, part by part as it was sealed for pulling. The
agency takes that in and believes of it what it would believe of the line: manifest, promise, digests. A receipt goes
back over the line where there is one, or as a parcel. Every parcel is signed, sealed to one node, and numbered.
"""
