/* What the composer is for: a new message, an answer to one, or other words for one of mine. */

import { icon } from "./dom.js"

export class Writing {
  #about = null

  /** `form` holds the line that says it, with a button to go back to a new message. */
  constructor(form, leave) {
    this.line = form.querySelector("[data-writing]")
    this.send = form.querySelector("[data-send]")
    this.word = form.querySelector("[data-send-word]")
    this.line.querySelector("[data-leave]").addEventListener("click", leave)
  }

  /** The message that is edited, or null. */
  get edited() {
    return this.#about?.edited ?? null
  }

  /** The message that is answered as `{ id, name, line }`, or null. */
  get answered() {
    return this.#about?.answered ?? null
  }

  get isNew() {
    return this.#about === null
  }

  edit(messageId) {
    this.#say({ edited: messageId }, "pen", "Editing your message", "Save")
  }

  answer(message) {
    this.#say({ answered: message }, "reply", `Replying to ${message.name}: ${message.line}`, "Send")
  }

  renew() {
    this.#about = null
    this.line.hidden = true
    this.#button("Send", "Send message")
  }

  #say(about, symbol, words, sendWord) {
    this.#about = about
    this.line.querySelector(".icon").replaceWith(icon(symbol))
    this.line.querySelector("[data-writing-words]").textContent = words
    this.line.hidden = false
    this.#button(sendWord, sendWord === "Send" ? "Send message" : sendWord)
  }

  #button(word, label) {
    this.word.textContent = word
    this.send.setAttribute("aria-label", label)
  }
}
