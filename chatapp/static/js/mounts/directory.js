/* The directory of open rooms: found while one types, and true while it is open. */

import { hear, replaceIn } from "../dom.js"
import { fetchPage } from "../http.js"
import { told } from "../socket.js"

const ASK_AFTER_MS = 120

export function mount(directory) {
  const input = directory.querySelector("input")
  const list = directory.querySelector("[data-directory]")
  const said = directory.querySelector("[data-said]")
  let asked = 0
  let timer

  input.addEventListener("input", later)
  input.form.addEventListener("submit", (event) => {
    event.preventDefault()
    look()
  })
  for (const news of ["directory_changed", "room_archived", "room_restored"]) told(news, later)
  hear("page:fresh", look)

  function later() {
    clearTimeout(timer)
    timer = setTimeout(look, ASK_AFTER_MS)
  }

  async function look() {
    const mine = (asked += 1)
    const sought = input.value.trim()
    try {
      const { page } = await fetchPage(`/rooms?${new URLSearchParams({ q: sought })}`)
      // What was typed last counts, whichever answer comes last.
      if (mine === asked) show(page.querySelector("[data-mount=directory]"))
    } catch {
      // Away: coming back asks again.
    }
  }

  function show(fresh) {
    replaceIn(list, fresh.querySelector("[data-directory]").children, "data-room-id", ":is(a, button)")
    said.textContent = fresh.querySelector("[data-said]").textContent
  }
}
