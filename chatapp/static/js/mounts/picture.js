/* A picture of oneself: chosen, sent, and shown wherever one's name stands. */

import { post, send } from "../http.js"

export function mount(box) {
  const file = box.querySelector("input[type=file]")
  const remove = box.querySelector("[data-remove]")
  const answer = box.querySelector("[data-answer]")

  box.querySelector("[data-choose]").addEventListener("click", () => file.click())
  file.addEventListener("change", () => file.files[0] && upload(file.files[0]))
  remove.addEventListener("click", () => say(post(box.dataset.removes, {}), "Your picture is gone.", false))

  function upload(picture) {
    file.value = ""
    if (picture.size > Number(box.dataset.limit)) return say({ ok: false, sentence: box.dataset.tooLarge })
    answer.textContent = "Sending…"
    return say(send(box.dataset.action, picture), "This is you now.", true)
  }

  async function say(work, done, hasPicture) {
    const { ok, sentence } = await work
    answer.classList.toggle("details__answer--refused", !ok)
    answer.textContent = ok ? done : sentence
    if (ok) remove.hidden = !hasPicture
  }
}
