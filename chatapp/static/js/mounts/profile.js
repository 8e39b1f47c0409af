/* The form of the profile: suggestions fill it in, and what ends says when. */

import { endName } from "../time.js"

export function mount(form) {
  const suggestions = form.querySelector("[data-suggestions]")
  const kept = form.querySelector("option[data-ends-at]")

  suggestions.hidden = false
  suggestions.addEventListener("click", ({ target }) => {
    const chosen = target.closest("[data-emoji]")?.dataset
    if (!chosen) return
    Object.assign(form.elements.emoji, { value: chosen.emoji })
    Object.assign(form.elements.text, { value: chosen.text })
    form.elements.lasts.value = chosen.lasts
  })
  if (kept) kept.textContent = endName(new Date(kept.dataset.endsAt), new Date()).replace(/^t/, "T")
}
