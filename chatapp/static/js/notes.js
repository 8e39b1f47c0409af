/* What could not be done, in words above the conversation, for as long as it takes to read them. */

import { make } from "./dom.js"

const SHOWN_MS = 8_000

export function complain(sentence) {
  const notes = document.querySelector("[data-notes]")
  const note = make("p", "notice notice--alert", sentence)
  note.setAttribute("role", "alert")
  note.dataset.complaint = ""
  notes.querySelector("[data-complaint]")?.remove()
  notes.append(note)
  setTimeout(() => note.remove(), SHOWN_MS)
}
