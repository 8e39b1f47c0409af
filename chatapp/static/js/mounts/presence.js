/* That one is here, for the others; and the dots that say who else is. */

import { hear } from "../dom.js"
import { hint, told } from "../socket.js"

const TELL_EVERY_MS = 60_000
const SIGNS = ["pointerdown", "pointermove", "wheel", "keydown", "focus"]
const WORDS = { online: "Online", away: "Away", offline: "Offline" }

export function mount() {
  sayWhenHere()
  showWhoIs()
}

function sayWhenHere() {
  // By the clock of the day: the other one stands still while the machine sleeps.
  let actedAt = document.hidden ? undefined : Date.now()
  let saidOf = -Infinity
  let timer

  for (const sign of SIGNS) addEventListener(sign, act, { passive: true, capture: true })
  document.addEventListener("visibilitychange", () => document.hidden || act())
  hear("connection:changed", ({ state }) => state === "online" && say())
  if (document.body.dataset.conn === "online") say()

  function act({ type, movementX, movementY } = {}) {
    // The page moves under a pointer that lies still, and that looks like a move too.
    if (type === "pointermove" && !movementX && !movementY) return
    actedAt = Date.now()
    timer ??= setTimeout(say, Math.max(0, saidOf + TELL_EVERY_MS - actedAt))
  }

  function say() {
    clearTimeout(timer)
    timer = undefined
    if (!actedAt) return
    saidOf = actedAt
    hint("present", { idle_seconds: Math.max(0, Math.round((Date.now() - actedAt) / 1000)) })
  }
}

function showWhoIs() {
  const heard = new Map()
  const shown = new Map()

  told("presence_changed", ({ people }) => {
    for (const [username, state] of Object.entries(people)) heard.set(username, state)
    show()
  })
  // What is told from now on is missed; the fresh page that comes with the connection knows.
  hear("connection:changed", ({ state }) => state !== "online" && heard.clear())
  hear("people:shown", show)
  show()

  /** What was told is newer than what a row was made with; a row that came alone knows nothing. */
  function show() {
    for (const dot of document.querySelectorAll("[data-presence]")) {
      const { presence: username, presenceState: state } = dot.dataset
      const made = state === "unknown" ? shown.get(username) : state
      const right = heard.get(username) ?? made ?? "offline"
      shown.set(username, right)
      if (right !== state) paint(dot, right)
    }
  }
}

function paint(dot, state) {
  dot.classList.replace(`presence--${dot.dataset.presenceState}`, `presence--${state}`)
  dot.dataset.presenceState = state
  dot.title = WORDS[state]
  dot.firstElementChild.textContent = WORDS[state]
}
