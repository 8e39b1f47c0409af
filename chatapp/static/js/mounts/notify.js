/* What one wants to be told of in the open room: saved at the click, and the same in every tab. */

import { hear, sameIn } from "../dom.js"
import { post } from "../http.js"
import { told } from "../socket.js"

export function mount(section) {
  const { roomId } = section.dataset
  const form = section.querySelector("form")
  const answer = section.querySelector("[data-answer]")
  let saved = form.elements.level.value

  form.addEventListener("change", save)
  told("level_changed", ({ room_id, level }) => room_id === roomId && show(level))
  hear("page:fresh", ({ page }) => {
    const fresh = sameIn(page, section)?.querySelector("input:checked")
    if (fresh) show(fresh.value)
  })

  async function save() {
    const { ok, sentence } = await post(form.action, { level: form.elements.level.value }, "manual")
    answer.textContent = ok ? "" : sentence
    answer.classList.toggle("details__answer--refused", !ok)
    if (!ok) show(saved)
  }

  function show(level) {
    saved = level
    form.elements.level.value = level
  }
}
