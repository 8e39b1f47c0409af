/* A form that cannot be undone asks first. With data-next it is sent from here, and a refusal is shown in the question. */

import { post } from "../http.js"

export function mount(form) {
  form.addEventListener("submit", (event) => {
    event.preventDefault()
    ask(form)
  })
}

function ask(form) {
  const dialog = document.querySelector("[data-confirm]")
  const yes = dialog.querySelector("[data-yes]")
  const problem = dialog.querySelector("[data-problem]")
  dialog.querySelector("[data-question]").textContent = form.dataset.question
  dialog.querySelector("[data-detail]").textContent = form.dataset.detail
  yes.textContent = form.dataset.yes
  problem.hidden = true
  yes.onclick = async (event) => {
    event.preventDefault()
    // submit() asks no question again, unlike requestSubmit().
    if (!form.dataset.next) return form.submit()
    const { ok, sentence } = await post(form.action, {}, "manual")
    if (ok) return location.assign(form.dataset.next)
    problem.textContent = sentence
    problem.hidden = false
  }
  dialog.showModal()
}
