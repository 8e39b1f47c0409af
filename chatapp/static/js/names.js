/* A person has another name or picture: wherever they stand in this page. Nothing is sorted anew. */

import { fire, me } from "./dom.js"
import { renameIn } from "./reactions.js"
import { rowOfMessage } from "./rows.js"

/** `avatar` is an element; it is copied. */
export function rename({ username, displayName, avatar }) {
  const name = CSS.escape(username)
  const blank = document.querySelector("[data-blank-row]")
  for (const root of [document, blank?.content].filter(Boolean)) {
    say(root, `.message[data-sender="${name}"] .message__sender`, displayName)
    draw(root, `.message[data-sender="${name}"] > .avatar`, avatar)
  }
  for (const quote of document.querySelectorAll(".quote[data-quote-of]")) {
    const original = rowOfMessage(quote.closest(".messages"), quote.dataset.quoteOf)
    if (original?.dataset.sender === username) say(quote, ".quote__sender", displayName)
  }
  for (const row of document.querySelectorAll(".message:has([data-emoji])")) renameIn(row, username, displayName)
  for (const row of document.querySelectorAll(`.member[data-username="${name}"]`)) renameMember(row, displayName)
  say(document, `[data-username="${name}"] :is(.member__name, .people-list__name) > [dir]`, displayName)
  draw(document, `:is(.member, .people-list__item)[data-username="${name}"] .avatar`, avatar)
  draw(document, `.picture[data-of="${name}"] > .avatar`, avatar)
  if (username === me) renameMe(displayName, avatar)
  fire(document, "person:changed", { username })
}

function renameMember(row, displayName) {
  row.dataset.displayName = displayName
  const manage = row.querySelector("[data-manage]")
  manage.title = `Manage ${displayName}`
  manage.setAttribute("aria-label", manage.title)
}

function renameMe(displayName, avatar) {
  document.body.dataset.displayName = displayName
  say(document, ".me__name", displayName)
  draw(document, ".me > .avatar", avatar)
}

function say(root, selector, words) {
  for (const element of root.querySelectorAll(selector)) element.textContent = words
}

function draw(root, selector, avatar) {
  for (const element of root.querySelectorAll(selector)) element.replaceWith(avatar.cloneNode(true))
}
