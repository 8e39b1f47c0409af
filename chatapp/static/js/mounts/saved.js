/* The page of what one has saved. What is removed stays in sight until the page is left, to be saved again. */

import { hear, me, replaceIn } from "../dom.js"
import { fetchPage } from "../http.js"
import { isOlder, parseRows } from "../rows.js"
import { ask, told } from "../socket.js"

const REMOVED = "saved__item--removed"

export function mount(section) {
  const list = section.querySelector("[data-saved-list]")
  const answer = section.querySelector("[data-answer]")
  const isNewest = location.search === ""
  const items = () => [...list.children]
  const find = (id) => items().find((item) => item.dataset.savedId === id)

  list.addEventListener("click", async ({ target }) => {
    const item = target.closest("[data-unsave]") && target.closest("[data-saved-id]")
    if (!item) return
    const { roomId: room_id, savedId: message_id } = item.dataset
    const event = item.classList.contains(REMOVED) ? "save_message" : "unsave_message"
    answer.textContent = await ask(event, { room_id, message_id }).then(() => "", ({ message }) => message)
  })
  told("message_unsaved", ({ message_id }) => show(find(message_id), false))
  told("message_saved", ({ message_id }) => (find(message_id) ? show(find(message_id), true) : isNewest && look()))
  told("message_changed", ({ message, row }) => renew(find(message.id), row))
  told("message_deleted", ({ id }) => remove(find(id)))
  told("member_removed", ({ room_id, username }) => {
    if (username === me) items().filter((item) => item.dataset.roomId === room_id).forEach(remove)
  })
  hear("page:fresh", () => isNewest && look())

  function show(item, isSaved) {
    item?.classList.toggle(REMOVED, !isSaved)
    if (item) item.querySelector("[data-unsave-word]").textContent = isSaved ? "Remove" : "Save again"
  }

  function renew(item, html) {
    if (!item) return
    const old = item.querySelector(".message")
    const [row] = parseRows(html)
    if (isOlder(row, old)) return
    row.querySelector(".message__time").textContent = old.querySelector(".message__time").textContent
    old.replaceWith(row)
  }

  function remove(item) {
    item?.remove()
    review()
  }

  async function look() {
    const fresh = (await fetchPage("/saved").catch(() => null))?.page.querySelector("[data-saved-list]")
    if (!fresh) return
    replaceIn(list, fresh.children, "data-saved-id", "[data-unsave]")
    review()
  }

  function review() {
    section.querySelector("[data-none]").hidden = list.children.length > 0
  }
}
