/* Where one writes. A draft per room outlives the page; sending hands it to the outbox. */

import { fire, hear, me, uuid } from "../dom.js"
import { send } from "../outbox.js"
import { forget, read, write } from "../store.js"

const SAVE_AFTER_MS = 300
const COUNT_FROM = 0.9

const isTouch = matchMedia("(pointer: coarse)").matches

export function mount(form) {
  const text = form.querySelector("textarea")
  const button = form.querySelector("button")
  const count = form.querySelector("[data-count]")
  const problem = form.querySelector("[data-problem]")
  const roomId = form.dataset.roomId
  const limit = Number(form.dataset.limit)
  const draftKey = `draft:${me}:${roomId}`
  let saveTimer

  text.value ||= read(draftKey) ?? ""
  if (isTouch) {
    text.enterKeyHint = "enter"
    form.querySelector("[data-hint]").textContent = ""
  } else text.focus({ preventScroll: true })
  review()

  form.addEventListener("submit", (event) => {
    event.preventDefault()
    submit()
  })
  text.addEventListener("input", () => {
    problem.textContent = ""
    review()
    if (text.value.trim()) fire(form, "message:writing", {})
    clearTimeout(saveTimer)
    saveTimer = setTimeout(save, SAVE_AFTER_MS)
  })
  text.addEventListener("keydown", (event) => {
    // 229 is how some browsers report the Enter that ends a composition.
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229 || isTouch) return
    event.preventDefault()
    submit()
  })
  // Only what is new: the draft may be another tab's by now.
  addEventListener("pagehide", () => saveTimer && save())
  hear("room:closed", () => { form.hidden = true })

  function submit() {
    if (!text.value.trim()) return
    if (length() > limit) {
      problem.textContent = `A message holds ${limit.toLocaleString()} characters. Take out ${(length() - limit).toLocaleString()}, or send it in parts.`
      return
    }
    const draft = { room_id: roomId, client_id: uuid(), text: text.value }
    fire(form, "message:sending", { draft })
    send(draft)
    text.value = ""
    review()
    save()
    text.focus({ preventScroll: true })
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
    if (text.value.trim()) write(draftKey, text.value)
    else forget(draftKey)
  }
}
