/* News read out to those who listen, joined when many come at once. Rows themselves are not a live region. */

import { announce, counted } from "./dom.js"
import { prefers } from "./preferences.js"

const JOIN_MS = 2_000
const MOST_READ_OUT = 2

let waiting = []
let timer

export function arrived(row) {
  const sender = row.querySelector(".message__sender").textContent
  waiting.push(`${sender}: ${row.querySelector(".message__text").textContent}`)
  timer ??= setTimeout(readOut, JOIN_MS)
}

function readOut() {
  if (prefers("announces", "yes")) announce(waiting.length > MOST_READ_OUT ? counted(waiting.length, "new message") : waiting.join(". "))
  waiting = []
  timer = undefined
}
