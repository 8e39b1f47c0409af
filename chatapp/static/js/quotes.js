/* A quote shows the sender and the first line of another message, and follows what becomes of it. */

import { changesOf, renew, rowOfMessage } from "./rows.js"

const GONE = "This message was deleted."

const quotesOf = (list, id) => list.querySelectorAll(`[data-quote-of="${CSS.escape(id)}"]`)

/** A message has changed: its row, if it is here, and whatever quotes it. */
export function bring(list, row) {
  renew(list, row)
  follow(list, row)
}

/** Of a row that has come and what it quotes, one may show an older form of the other. */
export function follow(list, row) {
  bringQuotesOf(list, row)
  const original = rowOfMessage(list, row.dataset.answers)
  if (original) bringQuotesOf(list, original)
}

export function quotesAreBehind(list, messageId, changes) {
  return [...quotesOf(list, messageId)].some((quote) => Number(quote.dataset.changes) < changes)
}

function bringQuotesOf(list, row) {
  if (!changesOf(row)) return
  const isGone = "deleted" in row.dataset
  for (const quote of quotesOf(list, row.dataset.messageId)) {
    if (Number(quote.dataset.changes) >= changesOf(row)) continue
    quote.dataset.changes = row.dataset.changes
    quote.classList.toggle("quote--gone", isGone)
    quote.querySelector("[data-quote-line]").textContent = isGone ? GONE : row.dataset.line
  }
}
