/* The earlier versions of an edited message, for everybody in the room. */

import { fetchPart } from "../http.js"
import { make } from "../dom.js"
import { fullTime } from "../time.js"

export function mount(dialog) {
  const list = dialog.querySelector("[data-list]")
  const { roomId } = dialog.dataset

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-versions]")
    if (button) show(button.closest("[data-seq]").dataset.seq)
  })
  dialog.querySelector("[data-close]").addEventListener("click", () => dialog.close())

  async function show(seq) {
    list.replaceChildren()
    dialog.showModal()
    try {
      list.replaceChildren(...(await fetchPart(`/rooms/${roomId}/messages/${seq}/versions`)))
    } catch (refusal) {
      list.replaceChildren(make("li", "version", refusal.message))
    }
    for (const time of list.querySelectorAll("time")) time.textContent = fullTime(new Date(time.dateTime))
  }
}
