/* The list of messages is one stop for Tab; arrows, Home and End move within it. */

import { allRows } from "../rows.js"

const STEPS = { ArrowUp: -1, ArrowDown: 1, Home: -Infinity, End: Infinity }

export function mount(list) {
  list.addEventListener("keydown", (event) => {
    if (!(event.key in STEPS) || !event.target.matches(".message") || event.altKey || event.ctrlKey || event.metaKey) return
    event.preventDefault()
    const rows = allRows(list)
    const target = rows.indexOf(event.target) + STEPS[event.key]
    rows[Math.min(Math.max(target, 0), rows.length - 1)].focus()
  })

  list.addEventListener("focusin", (event) => {
    const row = event.target.closest(".message")
    for (const other of list.querySelectorAll(":scope > .message[tabindex='0'], .reaction[tabindex='0']")) other.tabIndex = -1
    row.tabIndex = 0
    // Tab leads from a message to its reactions, and not through those of all others.
    for (const reaction of row.querySelectorAll(".reaction")) reaction.tabIndex = 0
  })
}
