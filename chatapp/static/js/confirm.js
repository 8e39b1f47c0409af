/* The one question "are you sure?". `act()` answers { ok, sentence }; a refusal is shown in the question. `closed()`
 * is called when it is over, whatever the answer.
 */

import { hear } from "./dom.js"

const dialog = document.querySelector("[data-confirm]")

// Why it could not be done may be over; the next try says.
hear("connection:changed", ({ state }) => { if (state === "online") dialog.querySelector("[data-problem]").hidden = true })

export function confirm({ question, detail, yes, act, closed }) {
  const button = dialog.querySelector("[data-yes]")
  const problem = dialog.querySelector("[data-problem]")
  dialog.querySelector("[data-question]").textContent = question
  dialog.querySelector("[data-detail]").textContent = detail
  button.textContent = yes
  problem.hidden = true
  button.onclick = async (event) => {
    event.preventDefault()
    const { ok, sentence } = await act()
    if (ok) return dialog.close()
    problem.textContent = sentence
    problem.hidden = false
  }
  dialog.addEventListener("close", () => closed?.(), { once: true })
  dialog.showModal()
}
