/* Where one writes. A draft per room outlives the page; sending hands it to the outbox. */

import { isSaid } from "../actions.js"
import { fire, hear, me, uuid } from "../dom.js"
import { sourceOf } from "../http.js"
import { send } from "../outbox.js"
import { pick } from "../pick.js"
import { prefers } from "../preferences.js"
import { allRows } from "../rows.js"
import { ask } from "../socket.js"
import { forget, read, write } from "../store.js"
import { Writing } from "../writing.js"

const SAVE_AFTER_MS = 300
const COUNT_FROM = 0.9

const isTouch = matchMedia("(pointer: coarse)").matches
const connection = () => document.body.dataset.conn

/** What Enter does is a preference; with a finger it adds a line. */
function sends(event) {
  if (prefers("enter", "line")) return event.ctrlKey || event.metaKey
  return !event.shiftKey && !isTouch
}

export function mount(form) {
  const text = form.querySelector("textarea")
  const button = form.querySelector("[data-send]")
  const count = form.querySelector("[data-count]")
  const problem = form.querySelector("[data-problem]")
  const picks = form.querySelector("[data-picks]")
  const roomId = form.dataset.roomId
  const limit = Number(form.dataset.limit)
  const draftKey = `draft:${me}:${roomId}`
  const answerKey = `answer:${me}:${roomId}`
  const writing = new Writing(form, leave)
  let saveTimer
  let opening = null // the message whose words are still to come

  text.value ||= read(draftKey) ?? ""
  if (read(answerKey)) writing.answer(read(answerKey))
  if (isTouch) {
    text.enterKeyHint = "enter"
    form.querySelector("[data-hint]").textContent = ""
  } else if (!document.querySelector("[data-at]")) text.focus({ preventScroll: true })
  review()

  form.addEventListener("submit", (event) => {
    event.preventDefault()
    submit()
  })
  text.addEventListener("input", () => {
    problem.textContent = ""
    review()
    if (text.value.trim() && !writing.edited) fire(form, "message:writing", {})
    clearTimeout(saveTimer)
    saveTimer = setTimeout(save, SAVE_AFTER_MS)
  })
  text.addEventListener("keydown", (event) => {
    // 229 is how some browsers report the Enter that ends a composition.
    if (event.isComposing || event.keyCode === 229) return
    if (event.key === "Enter" && sends(event)) submit()
    else if (event.key === "ArrowUp" && !text.value && writing.isNew) editMyLast()
    else if (event.key === "Escape" && !writing.isNew) leave()
    else return
    event.preventDefault()
  })
  picks.addEventListener("click", () => pick({ anchor: picks, picked: insert, back: () => text.focus({ preventScroll: true }), failed: (sentence) => { problem.textContent = sentence } }))
  // Only what is new: the draft may be another tab's by now.
  addEventListener("pagehide", () => saveTimer && save())
  hear("message:edit", edit)
  hear("connection:changed", ({ state }) => state === "online" && opening && open())
  hear("message:reply", (message) => {
    leave()
    writing.answer(message)
    save()
  })
  hear("room:closed", () => { form.hidden = true })

  function submit() {
    if (!text.value.trim()) return
    if (length() > limit) {
      problem.textContent = `A message holds ${limit.toLocaleString()} characters. Take out ${(length() - limit).toLocaleString()}, or send it in parts.`
      return
    }
    if (writing.edited) return saveEdited()
    const reply_to = writing.answered?.id
    const draft = { room_id: roomId, client_id: uuid(), text: text.value, ...(reply_to && { reply_to }) }
    fire(form, "message:sending", { draft })
    send(draft)
    writing.renew()
    put("")
    save()
  }

  /** Where one was writing, in place of what is selected there. */
  function insert(emoji) {
    text.setRangeText(emoji, text.selectionStart, text.selectionEnd, "end")
    text.dispatchEvent(new Event("input", { bubbles: true }))
  }

  // Editing: the draft, and what it answers, stay where they are kept and are back afterwards.

  function edit({ messageId, seq }) {
    save()
    writing.edit(messageId)
    put("")
    opening = { seq }
    open()
  }

  /** Until the words are there nothing can be typed: it would not be meant as a message of its own. */
  async function open() {
    const mine = opening
    text.readOnly = true
    problem.textContent = connection() === "offline" ? whyNotOpen() : ""
    try {
      const source = await sourceOf(roomId, mine.seq)
      if (mine !== opening) return
      opened()
      put(source)
    } catch {
      if (mine === opening) problem.textContent = whyNotOpen()
    }
  }

  function whyNotOpen() {
    if (connection() === "online") return "This message could not be loaded. Cancel, then try again."
    return "You are offline. What you wrote opens here when you are connected."
  }

  function opened() {
    opening = null
    text.readOnly = false
  }

  async function saveEdited() {
    if (text.readOnly) return
    const message_id = writing.edited
    text.readOnly = true
    try {
      await ask("edit_message", { room_id: roomId, message_id, text: text.value })
      if (writing.edited === message_id) leave()
    } catch (refusal) {
      problem.textContent = refusal.message
    } finally {
      text.readOnly = opening !== null
    }
  }

  function editMyLast() {
    const row = allRows(document.querySelector("[data-rows]")).findLast((row) => row.dataset.sender === me && isSaid(row))
    if (row) edit(row.dataset)
  }

  function leave() {
    const wasEditing = writing.edited
    opened()
    writing.renew()
    if (wasEditing && read(answerKey)) writing.answer(read(answerKey))
    put(wasEditing ? read(draftKey) ?? "" : text.value)
    save()
  }

  function put(value) {
    text.value = value
    problem.textContent = ""
    review()
    text.focus({ preventScroll: true })
    text.setSelectionRange(value.length, value.length)
  }

  /** Characters as the server counts them, not UTF-16 units. */
  function length() {
    return Array.from(text.value.normalize("NFC")).length
  }

  function review() {
    const used = length()
    button.setAttribute("aria-disabled", String(!text.value.trim() || used > limit))
    count.hidden = used < limit * COUNT_FROM
    count.textContent = `${used.toLocaleString()} of ${limit.toLocaleString()}`
    count.classList.toggle("composer__count--over", used > limit)
    if (!CSS.supports("field-sizing", "content")) grow()
  }

  function grow() {
    text.style.height = "auto"
    text.style.height = `${text.scrollHeight}px`
  }

  function save() {
    clearTimeout(saveTimer)
    saveTimer = undefined
    if (writing.edited) return
    if (text.value.trim()) write(draftKey, text.value)
    else forget(draftKey)
    if (writing.answered) write(answerKey, writing.answered)
    else forget(answerKey)
  }
}
