/* The state of the connection, in the side bar. After a gap, a fresh page for whoever shows parts of it. Every page
 * with a connection sends what waits.
 */

import { fire, hear } from "../dom.js"
import { fetchPage } from "../http.js"
import "../outbox.js"
import "../socket.js"

const SILENT_MS = 2_000
const WORDS = { online: "Connected", connecting: "Reconnecting", offline: "Reconnecting" }

export function mount(element) {
  const openedAt = performance.now()
  let timer
  let wasOnline = false

  hear("connection:changed", change)
  change({ state: document.body.dataset.conn })

  function change({ state }) {
    clearTimeout(timer)
    if (state !== "online") timer = setTimeout(() => show(state), navigator.onLine ? SILENT_MS : 0)
    else {
      show(state)
      if (wasOnline || performance.now() - openedAt > SILENT_MS) refresh()
      wasOnline = true
    }
  }

  function show(state) {
    element.textContent = navigator.onLine || state === "online" ? WORDS[state] : "Offline"
    element.dataset.shown = state === "online" ? "online" : "reconnecting"
  }
}

/** What was told while nobody listened: rooms and members as they are now. */
async function refresh() {
  try {
    const { status, page } = await fetchPage(location.pathname)
    if (status === 404) fire(document, "page:gone", {})
    // A page of a refusal has no rooms in it; home always has.
    const hasRooms = page.querySelector("[data-rooms]") !== null
    fire(document, "page:fresh", { page: hasRooms ? page : (await fetchPage("/")).page })
  } catch {
    // The connection went again; the next one refreshes.
  }
}
