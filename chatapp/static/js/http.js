/* What is asked over HTTP: pages of rows, whole pages, forms. */

import { csrfToken } from "./dom.js"
import { parseDocument, parseRows } from "./rows.js"

const TIMEOUT_MS = 15_000

export async function fetchRows(roomId, query) {
  const address = `/rooms/${encodeURIComponent(roomId)}/messages?${new URLSearchParams(query)}`
  const response = await get(address, "text/html")
  if (response.redirected) leaveToSignIn()
  if (!response.headers.has("X-Head")) throw new Error(`History answered ${response.status}`)
  const number = (name) => Number(response.headers.get(name))
  return { rows: parseRows(await response.text()), head: number("X-Head"), mark: number("X-Mark") }
}

/** Elements that the server has rendered; a refusal is thrown with its sentence. */
export async function fetchPart(address) {
  const response = await get(address, "text/html")
  if (response.redirected) leaveToSignIn()
  if (!response.ok) throw new Error(await sentenceOf(response))
  return parseRows(await response.text())
}

/** What was typed: rows hold only what was made of it. */
export async function sourceOf(roomId, seq) {
  const { messages } = await fetchJson(`/rooms/${roomId}/messages?after=${seq - 1}&limit=1`)
  return messages[0].text
}

export async function fetchPage(address) {
  const response = await get(address, "text/html")
  if (response.redirected) leaveToSignIn()
  return { status: response.status, page: parseDocument(await response.text()) }
}

export async function fetchJson(address, options) {
  const response = await get(address, "application/json", options)
  if (!response.ok) throw new Error(`${address} answered ${response.status}`)
  return response.json()
}

/** Send a form's fields. The answer has `ok` and the server's sentence: why not, or how it went. */
export async function post(address, fields, redirect = "follow") {
  const body = new URLSearchParams({ csrf_token: csrfToken(), ...fields })
  try {
    const response = await fetch(address, { method: "POST", body, redirect, headers: { Accept: "application/json" } })
    if (response.type === "opaqueredirect") return { ok: true }
    if (response.ok) return { ok: true, sentence: flashed(await response.text()) }
    return { ok: false, sentence: await sentenceOf(response) }
  } catch {
    return { ok: false, sentence: "The server cannot be reached. Try again when you are connected." }
  }
}

/** Send a file as it is. */
export async function send(address, file) {
  const headers = { Accept: "application/json", "Content-Type": "application/octet-stream", "X-CSRFToken": csrfToken() }
  try {
    const response = await fetch(address, { method: "POST", body: file, headers })
    return response.ok ? { ok: true } : { ok: false, sentence: await sentenceOf(response) }
  } catch {
    return { ok: false, sentence: "The server cannot be reached. Try again when you are connected." }
  }
}

const flashed = (html) => parseDocument(html).querySelector("[data-flash]")?.textContent ?? "Done."

/** A refusal is JSON, or the page of the form with its field marked. */
async function sentenceOf(response) {
  const text = await response.text()
  if (response.headers.get("Content-Type")?.includes("json")) return JSON.parse(text).error.message
  const marked = parseDocument(text).querySelector(".field__error, .notice--alert, .card__lead")
  return marked?.textContent ?? "That did not work. Try again."
}

/** Ask why a socket is refused, as browsers do not show it. POST, because it names our origin. */
export async function whyRefused() {
  try {
    const response = await fetch("/socket.io/", { method: "POST", signal: AbortSignal.timeout(TIMEOUT_MS) })
    return (await response.json()).error
  } catch {
    return {}
  }
}

let isLeaving = false

export function leaveToSignIn() {
  if (isLeaving) return
  isLeaving = true
  location.assign(`/login?next=${encodeURIComponent(location.pathname + location.search)}`)
}

function get(address, accept, options = {}) {
  const signal = options.signal ?? AbortSignal.timeout(TIMEOUT_MS)
  return fetch(address, { headers: { Accept: accept }, signal })
}
