/* The form of preferences: each choice holds at once, and where the server refuses it the old one is back. */

import { hear } from "../dom.js"
import { post } from "../http.js"
import { wear } from "../preferences.js"

export function mount(form) {
  const answer = form.querySelector("[data-answer]")
  let last = 0

  form.querySelector("[data-save]").hidden = true
  form.addEventListener("change", ({ target }) => choose(target.name, target.value))
  hear("preferences:changed", ({ preferences }) => show(preferences))

  async function choose(name, value) {
    const before = document.documentElement.dataset[name]
    const mine = (last += 1)
    answer.textContent = ""
    wear({ [name]: value })
    const { ok, sentence } = await post(form.action, { [name]: value })
    if (mine !== last) return
    if (!ok) wear({ [name]: before })
    answer.classList.toggle("details__answer--refused", !ok)
    answer.textContent = ok ? "Saved." : sentence
  }

  function show(preferences) {
    for (const [name, value] of Object.entries(preferences)) {
      form.querySelector(`[name="${name}"][value="${CSS.escape(value)}"]`).checked = true
    }
  }
}
