/* Reactions in a row: which of them are the reader's own, and changing those.
 *
 * A row names the people who reacted last. Whoever is not among them, where there are more, asks for
 * their own, once for all such rows that come together, and then follows what they do in other tabs.
 */

import { counted, fire, hear, me } from "./dom.js"
import { fetchJson } from "./http.js"
import { roomOf } from "./rows.js"
import { ask, told } from "./socket.js"

const ASK_AFTER_MS = 50
const MOST_ASKED = 100 // in one address

let known = new Map() // by message and kind: { isMine, changes }
let answered = new Set() // messages of which everything is known
let wanted = new Map() // rows to ask about, by message

told("reaction_added", ({ message_id, emoji, changes }) => learn(message_id, emoji, true, changes))
told("reaction_removed", ({ message_id, emoji, changes }) => learn(message_id, emoji, false, changes))
// What was told meanwhile was missed.
hear("connection:changed", ({ state }) => state === "online" && forgetAll())

const kindOf = (emoji) => emoji.replaceAll("\ufe0f", "")

const buttonsOf = (row) => row.querySelectorAll("[data-reactions] > [data-emoji]")

export function buttonOf(row, emoji) {
  return [...buttonsOf(row)].find((button) => kindOf(button.dataset.emoji) === kindOf(emoji))
}

/** Names of those who reacted last, oneself first, and how many there are besides. */
export function peopleOf({ dataset: { people, names, count } }) {
  const usernames = JSON.parse(people)
  const others = JSON.parse(names).filter((_, number) => usernames[number] !== me)
  return { others, isMine: usernames.includes(me), count: Number(count) }
}

export function showMine(row) {
  for (const button of buttonsOf(row)) show(button, isMine(row, button))
}

/** Do what a click on a reaction does; the row that is told afterwards puts right what is shown till then. */
export async function toggle(row, emoji) {
  await react(row, emoji, buttonOf(row, emoji)?.getAttribute("aria-pressed") !== "true")
}

export async function react(row, emoji, wants) {
  const { messageId: message_id } = row.dataset
  const button = buttonOf(row, emoji)
  const was = button?.getAttribute("aria-pressed") === "true"
  if (button && was !== wants) show(button, wants, wants ? 1 : -1)
  try {
    const { changes } = await ask(wants ? "add_reaction" : "remove_reaction", { room_id: roomOf(row), message_id, emoji })
    learn(message_id, emoji, wants, changes)
  } catch ({ message }) {
    if (button) show(button, was)
    fire(row.isConnected ? row : document.body, "reaction:refused", { messageId: message_id, sentence: message })
  }
}

/** Somebody is called otherwise. */
export function renameIn(row, username, displayName) {
  for (const { dataset } of buttonsOf(row)) {
    const at = JSON.parse(dataset.people).indexOf(username)
    if (at >= 0) dataset.names = JSON.stringify(JSON.parse(dataset.names).with(at, displayName))
  }
}

function show(button, isMine, more = 0) {
  const count = Math.max(1, Number(button.dataset.count) + more) // the last one goes with its row
  button.setAttribute("aria-pressed", String(isMine))
  button.setAttribute("aria-label", `${button.dataset.emoji}, ${counted(count, "person", "people")}${isMine ? ", you reacted" : ""}`)
  button.querySelector("[data-shown-count]").textContent = count
}

function isMine(row, { dataset: { people, count, emoji } }) {
  const usernames = JSON.parse(people)
  if (usernames.includes(me)) return true
  if (usernames.length >= Number(count)) return false
  const { messageId } = row.dataset
  const found = known.get(messageId)?.get(kindOf(emoji))
  if (!found && !answered.has(messageId)) wonder(row)
  return found?.isMine ?? false
}

function learn(messageId, emoji, isMine, changes) {
  const kinds = known.get(messageId) ?? new Map()
  if (changes < kinds.get(kindOf(emoji))?.changes) return
  known.set(messageId, kinds.set(kindOf(emoji), { isMine, changes }))
  const row = document.querySelector(`[data-rows] > [data-message-id="${CSS.escape(messageId)}"]`)
  const button = row && buttonOf(row, emoji)
  if (button && isCut(button)) show(button, isMine)
}

const isCut = ({ dataset: { people, count } }) => JSON.parse(people).length < Number(count)

function wonder(row) {
  if (wanted.size === 0) setTimeout(askForMine, ASK_AFTER_MS)
  wanted.set(row.dataset.messageId, row)
}

async function askForMine() {
  const rows = wanted
  wanted = new Map()
  const ids = [...rows.keys()]
  for (let from = 0; from < ids.length; from += MOST_ASKED) {
    const query = new URLSearchParams(ids.slice(from, from + MOST_ASKED).map((id) => ["message", id]))
    const room = rows.values().next().value.closest("[data-room-id]")?.dataset.roomId
    if (!room) return
    const { mine } = await fetchJson(`/rooms/${room}/reactions/mine?${query}`).catch(() => ({ mine: {} }))
    for (const [id, { emoji, changes }] of Object.entries(mine)) settle(id, emoji, changes)
  }
}

function settle(id, emoji, changes) {
  answered.add(id)
  for (const [kind, one] of known.get(id) ?? []) if (one.changes <= changes) known.get(id).delete(kind)
  for (const one of emoji) learn(id, one, true, changes)
}

function forgetAll() {
  known = new Map()
  answered = new Set()
  for (const row of document.querySelectorAll("[data-rows] > .message:has([data-emoji])")) showMine(row)
}
