/* Who else is writing in this room; and telling the others while one writes oneself. */

import { hear, make, me } from "../dom.js"
import { hint, told } from "../socket.js"

const TELL_EVERY_MS = 3_000
const GONE_AFTER_MS = 5_000
const MOST_NAMED = 3

export function mount(line) {
  const { roomId } = line.dataset
  const words = line.querySelector("[data-typing-words]")
  const writing = new Map()
  let toldAt = -Infinity

  hear("message:writing", tell)
  told("typing", ({ room_id, username, display_name }) => room_id === roomId && username !== me && add(username, display_name))
  told("message_posted", ({ message }) => message.room_id === roomId && remove(message.sender))
  told("member_removed", ({ room_id, username }) => room_id === roomId && remove(username))
  hear("room:closed", () => { line.hidden = true })

  function tell() {
    if (performance.now() - toldAt < TELL_EVERY_MS) return
    toldAt = performance.now()
    hint("typing", { room_id: roomId })
  }

  function add(username, name) {
    clearTimeout(writing.get(username)?.timer)
    writing.set(username, { name, timer: setTimeout(() => remove(username), GONE_AFTER_MS) })
    show()
  }

  function remove(username) {
    clearTimeout(writing.get(username)?.timer)
    if (writing.delete(username)) show()
  }

  function show() {
    line.classList.toggle("typing--silent", writing.size === 0)
    words.replaceChildren(...sentence([...writing.values()].map(({ name }) => name)))
  }
}

/** "Noor is typing", as nodes: a name keeps its own direction. */
function sentence(names) {
  if (names.length === 0) return []
  if (names.length > MOST_NAMED) return ["Several people are typing"]
  const between = (index) => (index === 0 ? "" : index === names.length - 1 ? " and " : ", ")
  const named = names.flatMap((name, index) => [between(index), make("bdi", "typing__name", name)])
  return [...named, names.length === 1 ? " is typing" : " are typing"]
}
