/* The card of a person, beside their name: by a click on it, or from the menu of a message. */

import { isKept, register } from "../actions.js"
import { hear } from "../dom.js"
import { fetchPage } from "../http.js"
import { told } from "../socket.js"
import { endName } from "../time.js"

const NAMES = ".message__sender, .message > .avatar, .member__name, .member .avatar"
const EDGE_PX = 8
const LONGEST_MS = 2 ** 31 - 1

export function mount(card) {
  let shown
  let timer

  register({ name: "profile", label: "Show profile", icon: "person", order: 70, key: "p", fits: isKept, run: (row) => open(row.dataset.sender, row) })
  document.addEventListener("click", ({ target }) => {
    const name = target.closest(NAMES)
    const row = name?.closest("[data-sender], [data-username]:not(body)")
    if (row) open(row.dataset.sender ?? row.dataset.username, name)
  })
  card.addEventListener("toggle", ({ newState }) => { if (newState === "closed") shown = undefined })
  hear("person:changed", ({ username }) => username === shown && fill(username))
  told("profile_changed", ({ person: { username } }) => username === shown && fill(username))

  async function open(username, beside) {
    if (!(await fill(username))) return
    shown = username
    card.showPopover()
    place(beside)
    card.focus({ preventScroll: true })
  }

  async function fill(username) {
    const { status, page } = await fetchPage(`/people/${encodeURIComponent(username)}`).catch(() => ({}))
    const profile = status === 200 && page.querySelector(".profile")
    if (!profile) return false
    card.replaceChildren(profile)
    card.setAttribute("aria-label", card.querySelector(".profile__name").textContent)
    tellTimes(username)
    return true
  }

  /** The time where they are, and when their status ends. */
  function tellTimes(username) {
    clearTimeout(timer)
    const here = card.querySelector("[data-zone]")
    if (here) here.textContent = `${timeIn(here.dataset.zone)} for them, in ${here.textContent}`
    const status = card.querySelector("[data-ends-at]")
    if (!status) return
    const ends = new Date(status.dataset.endsAt)
    status.querySelector("[data-until]").textContent = `until ${endName(ends, new Date())}`
    const left = ends - Date.now()
    if (left < LONGEST_MS) timer = setTimeout(() => username === shown && fill(username), Math.max(left, 0) + 500)
  }

  function place(beside) {
    const { bottom, left, top } = beside.getBoundingClientRect()
    const below = bottom + card.offsetHeight + EDGE_PX < innerHeight ? bottom + 4 : Math.max(EDGE_PX, top - card.offsetHeight - 4)
    card.style.setProperty("--menu-top", `${below}px`)
    card.style.setProperty("--menu-left", `${Math.max(EDGE_PX, Math.min(left, innerWidth - card.offsetWidth - EDGE_PX))}px`)
  }
}

function timeIn(zone) {
  try {
    return new Intl.DateTimeFormat(undefined, { timeStyle: "short", timeZone: zone }).format()
  } catch {
    return "Some time" // a zone that this browser does not know
  }
}
