// SPDX-FileCopyrightText: The OpenJuki contributors
// SPDX-License-Identifier: Apache-2.0
//
// The page is rendered by the server alone. This lays what it sends over what is shown, so that nothing
// flickers, nothing loses the focus, and nothing moves that has not changed.

"use strict";

const live = document.getElementById("live");
const stale = document.getElementById("stale");

/** Make one node like another, touching only what differs. */
function become(shown, wanted) {
  if (shown.nodeType !== wanted.nodeType || shown.nodeName !== wanted.nodeName) {
    shown.replaceWith(wanted.cloneNode(true));
  } else if (shown.nodeType !== Node.ELEMENT_NODE) {
    if (shown.nodeValue !== wanted.nodeValue) shown.nodeValue = wanted.nodeValue;
  } else {
    dress(shown, wanted);
    fill(shown, wanted);
  }
}

function dress(shown, wanted) {
  for (const { name } of [...shown.attributes]) {
    if (!wanted.hasAttribute(name)) shown.removeAttribute(name);
  }
  for (const { name, value } of wanted.attributes) {
    if (shown.getAttribute(name) !== value) shown.setAttribute(name, value);
  }
}

function fill(shown, wanted) {
  const before = [...shown.childNodes];
  const after = [...wanted.childNodes];
  after.forEach((node, place) => {
    if (place < before.length) become(before[place], node);
    else shown.append(node.cloneNode(true));
  });
  before.slice(after.length).forEach((node) => node.remove());
}

function show(html) {
  const wanted = new DOMParser().parseFromString(html, "text/html").body;
  const working = live.contains(document.activeElement);
  fill(live, wanted);
  // The button that was just pressed may be gone: whoever works by keyboard goes on at the sentence that says why.
  if (working && document.activeElement === document.body) document.getElementById("verdict").focus();
}

const events = new EventSource("/events");
events.onmessage = (event) => {
  stale.hidden = true;
  show(JSON.parse(event.data));
};
events.onerror = () => {
  stale.hidden = false;
};

// What a button did comes back as an event, like everything else: the page is never loaded anew.
live.addEventListener("submit", async (event) => {
  event.preventDefault();
  const body = new URLSearchParams(new FormData(event.target));
  try {
    await fetch(event.target.action, { method: "POST", body, redirect: "manual" });
  } catch {
    stale.hidden = false;
  }
});
