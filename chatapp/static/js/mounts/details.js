/* The details panel: beside the conversation where there is room, over it where there is not. */

import { hear } from "../dom.js"
import { read, write } from "../store.js"

const wide = matchMedia("(width >= 1180px)")
const phone = matchMedia("(width < 720px)")

export function mount(app) {
  const panel = app.querySelector("#details")
  const toggles = [...app.querySelectorAll("[data-toggles-details]")]
  let opener

  if (read("details-wide") === "closed") app.dataset.detailsWide = "closed"
  for (const button of toggles) button.addEventListener("click", () => (isOpen() ? close() : open(button)))
  app.querySelector("[data-closes-details]").addEventListener("click", close)
  // What is covered is what one was led to.
  panel.addEventListener("click", ({ target }) => target.closest("[data-leads-to-message]") && !wide.matches && close())
  panel.addEventListener("keydown", (event) => {
    // A menu in the panel takes the Escape first.
    if (event.key === "Escape" && !wide.matches && !panel.querySelector(":popover-open")) close()
  })
  for (const width of [wide, phone]) width.addEventListener("change", review)
  hear("room:closed", () => {
    for (const part of [panel, ...toggles]) part.hidden = true
    review()
  })
  review()

  function isOpen() {
    return wide.matches ? app.dataset.detailsWide !== "closed" : app.dataset.detailsOver === "open"
  }

  function open(button) {
    opener = button
    set("open")
    if (!wide.matches) panel.focus()
  }

  function close() {
    const hadFocus = panel.contains(document.activeElement)
    set("closed")
    if (hadFocus) (opener?.checkVisibility() ? opener : toggles.at(-1)).focus()
  }

  function set(state) {
    app.dataset[wide.matches ? "detailsWide" : "detailsOver"] = state
    if (wide.matches) write("details-wide", state)
    review()
  }

  function review() {
    for (const button of toggles) button.setAttribute("aria-expanded", String(isOpen()))
    // On a phone the panel covers the conversation, so Tab must not wander behind it.
    app.querySelector("main").inert = phone.matches && isOpen() && !panel.hidden
  }
}
