/* What is pinned in the open room: the list in its details, live, and the action that pins. */

import { isOpen, register } from "../actions.js"
import { hear, replaceIn, sameIn } from "../dom.js"
import { fetchPart } from "../http.js"
import { askAbout, runsTheRoom } from "../message_actions.js"
import { changesOf, parseRows } from "../rows.js"
import { told } from "../socket.js"

const isPinned = (row) => "pinnedAt" in row.dataset
const mayPin = () => runsTheRoom() || document.querySelector("[data-mount=pins][data-by-anybody]") !== null

register({
  name: "pin",
  label: (row) => (isPinned(row) ? "Unpin" : "Pin to the room"),
  icon: "pin",
  order: 60,
  key: "i",
  fits: (row) => isOpen(row) && mayPin(),
  run: (row) => askAbout(row, isPinned(row) ? "unpin_message" : "pin_message"),
})

export function mount(section) {
  const { roomId } = section.dataset
  const list = section.querySelector("[data-pins]")
  const blank = section.querySelector("[data-blank-pin]")
  // Of what is no longer in the list, so that an older row does not bring it back.
  const seen = new Map()
  const find = (id) => [...list.children].find((line) => line.dataset.messageId === id)

  told("message_changed", ({ message, row }) => message.room_id === roomId && (message.pinned_at || find(message.id)) && bring(row))
  told("message_deleted", ({ room_id, id, row }) => room_id === roomId && find(id) && bring(row))
  // Somebody missed something, and so perhaps did we.
  told("changes", (rooms) => rooms[roomId] && fetchPart(`/rooms/${roomId}/pins`).then(replace, () => {}))
  hear("page:fresh", ({ page }) => {
    const fresh = sameIn(page, section)?.querySelector("[data-pins]")
    if (fresh) replace([...fresh.children])
  })

  function bring(html) {
    const [row] = parseRows(html)
    const { messageId } = row.dataset
    if (changesOf(row) < (seen.get(messageId) ?? 0)) return
    seen.set(messageId, changesOf(row))
    const old = find(messageId)
    if (isPinned(row)) put(lineOf(row), old)
    else old?.remove()
    review()
  }

  function lineOf(row) {
    const line = blank.content.firstElementChild.cloneNode(true)
    const { messageId, seq, changes, pinnedAt } = row.dataset
    Object.assign(line.dataset, { messageId, changes, pinnedAt })
    line.querySelector("a").href = `/rooms/${roomId}/messages/${seq}`
    line.querySelector("[data-pin-sender]").textContent = row.querySelector(".message__sender").textContent
    line.querySelector("[data-pin-line]").textContent = row.dataset.line
    return line
  }

  /** The newest pin first; focus stays with the message. */
  function put(line, old) {
    const hadFocus = old?.contains(document.activeElement)
    old?.remove()
    list.insertBefore(line, [...list.children].find((other) => other.dataset.pinnedAt < line.dataset.pinnedAt) ?? null)
    if (hadFocus) line.querySelector("a").focus()
  }

  function replace(lines) {
    replaceIn(list, lines, "data-message-id", "a")
    review()
  }

  function review() {
    section.hidden = list.children.length === 0
    section.querySelector("[data-pin-count]").textContent = list.children.length
  }
}
