/* The one connection. ask() for answers, told() for news, body[data-conn] for its state. */

import { io } from "../vendor/socket.io.esm.min.js"
import { csrfToken, fire } from "./dom.js"
import { leaveToSignIn, whyRefused } from "./http.js"

const ASK_TIMEOUT_MS = 5_000
const OFFLINE_AFTER_MS = 5_000
const REFUSED_RETRY_MS = 5_000
const PROBE_EVERY_MS = 15_000
const RETRY_MS = 1_000
const RETRY_JITTER = 0.5
// What the person has to hear of, and perhaps can do something about.
const TOLD_REFUSALS = new Set(["too_many_sockets", "too_many_from_address", "full"])

const socket = io("/chat", {
  transports: ["websocket"],
  reconnectionDelay: RETRY_MS,
  randomizationFactor: RETRY_JITTER,
  reconnectionDelayMax: 30_000,
  auth: (give) => give({ csrf: csrfToken() }),
})

export class Refusal extends Error {
  constructor({ code, message, ...details }) {
    super(message)
    Object.assign(this, { code, details })
  }
}

/** Resolve with the answer only if it says ok; otherwise reject with a Refusal that says why not. */
export async function ask(event, data) {
  if (!socket.connected) throw new Refusal({ code: "offline", message: "You are offline." })
  const answer = await socket.timeout(ASK_TIMEOUT_MS).emitWithAck(event, data).catch(() => null)
  if (answer?.ok === true) return answer
  // An event nobody knows is acknowledged with nothing at all.
  throw new Refusal(answer?.error ?? { code: "no_answer", message: "The server did not answer." })
}

/** Say what may as well be lost; nobody waits for an answer. */
export function hint(event, data) {
  if (socket.connected) socket.emit(event, data)
}

export function told(event, handler) {
  socket.on(event, handler)
}

/** Try at once instead of waiting for the next try; a connection that may be dead is dropped. */
export function reconnect() {
  socket.disconnect().connect()
}

/** The server's sentence while it lets no more connections in; else empty. */
export const refusal = () => refused

let refused = ""
let offlineTimer
let lastProbe = 0

setState("connecting")
startOfflineTimer()

socket.on("connect", () => {
  clearTimeout(offlineTimer)
  offlineTimer = undefined
  retryAfter(RETRY_MS, RETRY_JITTER)
  refused = ""
  setState("online")
})

socket.on("disconnect", (reason) => {
  lost()
  if (reason === "io server disconnect") setTimeout(() => socket.connect(), REFUSED_RETRY_MS)
})

socket.on("connect_error", async (error) => {
  lost()
  const { code, seconds } = error.data ?? {}
  if (code === "not_signed_in") return leaveToSignIn()
  if (code === "bad_csrf" && reloadOnce()) return
  if (!socket.active) setTimeout(() => socket.connect(), seconds ? seconds * 1000 : REFUSED_RETRY_MS)
  // A handshake refused by status looks like a dead server, so ask over HTTP which it is.
  if (!code && Date.now() - lastProbe > PROBE_EVERY_MS) {
    lastProbe = Date.now()
    const { code, message } = await whyRefused()
    if (code === "not_signed_in") leaveToSignIn()
    tellRefusal(TOLD_REFUSALS.has(code) ? message : "")
  }
})

// The server ends and names a moment, another one for each of us. Later tries wait as usual.
socket.on("restarting", ({ after_seconds }) => retryAfter(after_seconds * 1000, 0))
socket.io.on("reconnect_attempt", () => retryAfter(RETRY_MS, RETRY_JITTER))

socket.on("signed_out", () => leaveToSignIn())

// Browsers notice a dead network long before the heartbeat does. Some say "offline" with a server
// on the same machine in reach, so they are believed only until a fresh connection stands.
addEventListener("offline", () => {
  reconnect()
  setState("offline")
})
addEventListener("online", reconnect)
// Whoever comes back to the page does not wait for the next try either.
document.addEventListener("visibilitychange", () => {
  if (!document.hidden && document.body.dataset.conn === "offline") reconnect()
})

// Whoever signs out here is on the way already, and does not mean to come back to this page.
document.addEventListener("submit", (event) => {
  if (event.target.matches("[data-signs-out]")) socket.off("signed_out")
})

function lost() {
  if (document.body.dataset.conn === "offline") return
  setState(navigator.onLine ? "connecting" : "offline")
  startOfflineTimer()
}

function startOfflineTimer() {
  offlineTimer ??= setTimeout(() => setState("offline"), OFFLINE_AFTER_MS)
}

function retryAfter(milliseconds, jitter) {
  socket.io.reconnectionDelay(milliseconds)
  socket.io.randomizationFactor(jitter)
}

function tellRefusal(sentence) {
  if (sentence === refused || socket.connected) return
  refused = sentence
  fire(document.body, "connection:changed", { state: document.body.dataset.conn })
}

function setState(state) {
  if (document.body.dataset.conn === state) return
  document.body.dataset.conn = state
  fire(document.body, "connection:changed", { state })
}

function reloadOnce() {
  const last = Number(sessionStorage.getItem("csrf-reload") ?? 0)
  if (Date.now() - last < 60_000) return false
  sessionStorage.setItem("csrf-reload", Date.now())
  location.reload()
  return true
}
