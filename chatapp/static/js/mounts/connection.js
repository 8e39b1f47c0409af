/* The state of the connection, in the side bar. After a gap, a fresh page for whoever shows parts of it. */

import { fire, hear } from "../dom.js"
import { fetchPage, leaveToSignIn } from "../http.js"
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
    if (page.body.dataset.username !== document.body.dataset.username) return leaveToSignIn()
    if (status !== 404) return fire(document, "page:fresh", { page })
    fire(document, "page:gone", {})
    fire(document, "page:fresh", { page: (await fetchPage("/")).page })
  } catch {
    // The connection went again; the next one refreshes.
  }
}
