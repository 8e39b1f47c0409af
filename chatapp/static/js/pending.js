/* Rows of messages on their way: shown at once, marked when it takes long, real when acknowledged. */

import { icon, me } from "./dom.js"
import { rowOfDraft, place } from "./rows.js"

const SILENT_MS = 400

export class Pending {
  /** `root` holds the templates of an empty row and of the line that tells its state. */
  constructor(root, list) {
    this.list = list
    this.blankRow = root.querySelector("[data-blank-row]")
    this.blankState = root.querySelector("[data-blank-state]")
  }

  /** The row of a draft, made by the server's own macro and filled in as text. */
  show({ client_id, text, at, reply_to }) {
    const known = this.find(client_id)
    if (known) return known
    const row = this.blankRow.content.firstElementChild.cloneNode(true)
    row.classList.add("message--pending")
    row.dataset.clientId = client_id
    if (reply_to) row.dataset.answers = reply_to
    row.dataset.createdAt = new Date(at ?? Date.now()).toISOString()
    row.querySelector(".message__text").textContent = text
    row.querySelector(".message__main").append(this.blankState.content.firstElementChild.cloneNode(true))
    this.list.append(row)
    this.sending(client_id)
    return row
  }

  find(clientId) {
    return rowOfDraft(this.list, me, clientId)
  }

  clientIds() {
    return [...this.list.querySelectorAll(":scope > .message--pending")].map((row) => row.dataset.clientId)
  }

  sending(clientId) {
    const state = this.#state(clientId)
    if (!state) return
    tell(state, "", "sending")
    setTimeout(() => state.dataset.state === "sending" && tell(state, "Sending", "sending"), SILENT_MS)
  }

  waiting(clientId) {
    const state = this.#state(clientId)
    if (state) tell(state, "Waiting to send", "waiting")
  }

  refused(clientId, sentence) {
    const state = this.#state(clientId)
    if (state) tell(state, `Not sent. ${sentence}`, "refused")
  }

  /** The server has it: the row takes its place. What only the server renders comes with the live event. */
  sent(clientId, message) {
    const row = this.find(clientId)
    if (!row || row.dataset.seq) return
    row.querySelector("[data-state]").remove()
    row.classList.remove("message--pending")
    Object.assign(row.dataset, { messageId: message.id, seq: message.seq, createdAt: message.created_at, fromAck: "" })
    place(this.list, row)
  }

  drop(clientId) {
    const row = this.find(clientId)
    if (row && !row.dataset.seq) row.remove()
  }

  #state(clientId) {
    return this.find(clientId)?.querySelector("[data-state]")
  }
}

function tell(state, words, name) {
  state.dataset.state = name
  state.classList.toggle("state--silent", !words)
  state.classList.toggle("state--refused", name === "refused")
  state.querySelector(".icon").replaceWith(icon(name === "refused" ? "warn" : "clock"))
  state.querySelector("[data-state-word]").textContent = words
  for (const button of state.querySelectorAll("[data-retry], [data-discard]")) button.hidden = name === "sending"
}
