# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""The live page of the nation in a box (稼働状況の画面): what happens, as it happens, and two things to try.

A page on loopback, for the demonstration only. It reads the books of all offices, which nobody could in a
real network, and hears at the broker what anybody on the line would: who asks whom, when, and how many
bytes. It shows no item of any person.

Theory of operation. Once a second `watching` reads every book into a `Sight`; `view` says it in words, and
`app` renders it: the first time as a page, then as events that the browser lays over what it shows.
"""
