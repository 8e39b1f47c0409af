/* Messages that the server has not yet acknowledged. They outlive a lost connection and a reload, and any page
 * with a connection sends them, in whichever room they were written.
 *
 * One storage entry per message: two tabs of one person never overwrite each other's list. One tab sends at a
 * time where the browser has locks (on https). Elsewhere two may send the same entry; its client_id makes the
 * second time harmless.
 */

import { fire, hear, me } from "./dom.js"
import { leaveToSignIn } from "./http.js"
import { ask, told } from "./socket.js"
import { forget, keys, read, write } from "./store.js"

const PREFIX = `outbox:${me}:`
const FIRST_WAIT_MS = 2_000
const LONGEST_WAIT_MS = 30_000
const LONGEST_TURN_MS = 10_000
// After these nobody knows whether the message was kept, so it is asked again.
const UNKNOWN = new Set(["offline", "no_answer", "unavailable", "disk_full", "slow_down"])

let isPumping = false
let waitMs = FIRST_WAIT_MS
let timer

export function entries() {
  const kept = keys(PREFIX).map(read).filter(Boolean)
  return kept.sort((one, other) => one.at - other.at)
}

/** Keep a draft `{room_id, client_id, text, reply_to?}` and send it when its turn comes. */
export function send(draft) {
  const last = entries().at(-1)
  write(PREFIX + draft.client_id, { ...draft, at: Math.max(Date.now(), (last?.at ?? 0) + 1) })
  changed()
  pump()
}

export function retry(clientId) {
  const { refused, ...entry } = read(PREFIX + clientId) ?? {}
  if (!entry.client_id) return
  write(PREFIX + clientId, entry)
  flush()
}

export function discard(clientId) {
  settle(clientId)
}

/** The message is known to be kept (or no longer wanted): stop asking. */
export function settle(clientId) {
  if (!read(PREFIX + clientId)) return
  forget(PREFIX + clientId)
  changed()
}

/** Try at once, however long the next wait was going to be. */
export function flush() {
  waitMs = FIRST_WAIT_MS
  return pump()
}

async function pump() {
  if (isPumping) return
  isPumping = true
  clearTimeout(timer)
  try {
    await alone(empty)
  } finally {
    isPumping = false
  }
}

/** Wait for the tab that is sending, but not for one that has fallen asleep over it. */
async function alone(work) {
  const signal = AbortSignal.timeout(LONGEST_TURN_MS)
  const turn = navigator.locks?.request(PREFIX, { signal }, work)
  await (turn?.catch((error) => (error === signal.reason ? work() : Promise.reject(error))) ?? work())
}

async function empty() {
  for (let entry = next(); entry; entry = next()) {
    if (!(await deliver(entry))) break
  }
}

const next = () => entries().find((entry) => !entry.refused)

/** Answer whether to go on with the next one. */
async function deliver({ room_id, client_id, text, reply_to }) {
  fire(document, "message:asking", { client_id })
  try {
    const { message } = await ask("post_message", { room_id, client_id, text, ...(reply_to && { reply_to }) })
    waitMs = FIRST_WAIT_MS
    settle(client_id)
    fire(document, "message:sent", { client_id, message })
    return true
  } catch (refusal) {
    if (refusal.code === "not_signed_in") leaveToSignIn()
    else if (!UNKNOWN.has(refusal.code)) return refuse(client_id, refusal.message)
    wait(refusal.details?.seconds)
    return false
  }
}

function refuse(clientId, sentence) {
  const entry = read(PREFIX + clientId)
  if (entry) write(PREFIX + clientId, { ...entry, refused: sentence })
  changed()
  fire(document, "message:refused", { client_id: clientId, sentence })
  return true
}

/** Nothing overtakes the message that is stuck, so all that are left wait with it. */
function wait(seconds) {
  for (const { client_id, refused } of entries()) if (!refused) fire(document, "message:waiting", { client_id })
  if (document.body.dataset.conn !== "online") return
  timer = setTimeout(pump, seconds ? seconds * 1000 : waitMs)
  waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS)
}

function changed() {
  fire(document, "outbox:changed", {})
}

hear("connection:changed", ({ state }) => state === "online" && flush())
told("message_posted", ({ message }) => message.sender === me && settle(message.client_id))
addEventListener("storage", ({ key }) => key?.startsWith(PREFIX) && follow(read(key)))
if (document.body.dataset.conn === "online") flush()

/** Another tab has changed an entry; what it was refused is shown here too. */
function follow(entry) {
  if (entry?.refused) fire(document, "message:refused", { client_id: entry.client_id, sentence: entry.refused })
  changed()
}
