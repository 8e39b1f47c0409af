/* A form that cannot be undone asks first. With data-next it is sent from here, and a refusal is shown in the question. */

import { confirm } from "../confirm.js"
import { post } from "../http.js"

export function mount(form) {
  form.addEventListener("submit", (event) => {
    event.preventDefault()
    const { question, detail, yes, next } = form.dataset
    confirm({ question, detail, yes, act: () => send(next) })
  })

  async function send(next) {
    if (next) {
      const answer = await post(form.action, {}, "manual")
      if (answer.ok) location.assign(next)
      return answer
    }
    // submit() asks no question again, unlike requestSubmit().
    form.submit()
    return { ok: true }
  }
}
