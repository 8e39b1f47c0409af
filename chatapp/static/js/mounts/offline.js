/* The notice over the composer: the connection is gone, and what waits for it. */

import { counted, hear } from "../dom.js"
import { entries, flush } from "../outbox.js"
import { reconnect, refusal } from "../socket.js"

export function mount(notice) {
  const words = notice.querySelector("[data-offline-words]")

  notice.querySelector("[data-retry-connection]").addEventListener("click", () => {
    reconnect()
    flush()
  })
  hear("connection:changed", show)
  hear("outbox:changed", show)
  show()

  function show() {
    notice.hidden = document.body.dataset.conn !== "offline"
    if (notice.hidden) return
    const waiting = entries().filter((entry) => !entry.refused).length
    const state = refusal() || (navigator.onLine ? "The connection is lost." : "You are offline.")
    const verb = waiting === 1 ? "is" : "are"
    words.textContent = waiting ? `${state} ${counted(waiting, "message")} ${verb} waiting.` : `${state} What you write is kept and sent later.`
  }
}
