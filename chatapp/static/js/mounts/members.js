/* Who is in the room, live; and for its admins, what can be done about it. */

import { counted, fire, hear, me, sameIn } from "../dom.js"
import { post } from "../http.js"
import { parseRows } from "../rows.js"
import { told } from "../socket.js"

export function mount(panel) {
  const { roomId } = panel.dataset
  const list = panel.querySelector("[data-members]")
  const answer = panel.querySelector("[data-answer]")
  const menu = panel.querySelector("[data-menu]")
  const form = panel.querySelector("[data-add-people]")
  const find = (username) => [...list.children].find((row) => row.dataset.username === username)
  const directForm = panel.querySelector("[data-direct-form]")
  let managed

  told("member_added", ({ room, row }) => room.id === roomId && put(row))
  told("member_changed", ({ room_id, row }) => room_id === roomId && put(row))
  told("member_removed", ({ room_id, username }) => room_id === roomId && remove(username))
  hear("person:changed", review)
  hear("page:fresh", ({ page }) => refresh(page))
  review()

  form?.addEventListener("submit", async (event) => {
    event.preventDefault()
    const members = new FormData(form).get("members")
    if (!members) return
    if (await say(post(form.action, { members }))) form.reset()
  })
  list.addEventListener("click", (event) => {
    const button = event.target.closest("[data-manage]")
    if (button) openMenu(button)
    const other = event.target.closest("[data-direct-with]")
    if (other) openDirect(other.closest("[data-username]").dataset.username)
  })
  menu.addEventListener("toggle", (event) => managed?.setAttribute("aria-expanded", String(event.newState === "open")))
  menu.addEventListener("click", (event) => {
    const item = event.target.closest("[data-do]")
    if (!item) return
    menu.hidePopover()
    manage(managed.closest("[data-username]").dataset, item.dataset.do)
  })

  function put(html) {
    const [row] = parseRows(html)
    const old = find(row.dataset.username)
    const hadFocus = old?.contains(document.activeElement)
    if (old) old.replaceWith(row)
    else list.append(row)
    if (hadFocus) row.querySelector("[data-manage]").focus()
    review()
  }

  function remove(username) {
    find(username)?.remove()
    review()
  }

  function refresh(page) {
    const fresh = sameIn(page, panel)?.querySelector("[data-members]")
    if (!fresh) return
    list.replaceChildren(...fresh.children)
    review()
  }

  /** What follows from the rows: counts, faces, which one is the reader, and whether they run the room. */
  function review() {
    const mine = find(me)
    const rows = [...list.children]
    panel.dataset.manages = mine?.dataset.isAdmin ?? "false"
    for (const part of document.querySelectorAll("[data-admins-only]")) part.hidden = panel.dataset.manages !== "true"
    if (mine) mine.querySelector("[data-you]").textContent = ", you"
    for (const row of rows) row.querySelector("[data-direct-with]").hidden = row === mine || !directForm
    for (const count of document.querySelectorAll("[data-member-count]")) count.textContent = rows.length
    fire(panel, "people:shown", {})
    document.querySelector("[data-member-words]").textContent = counted(rows.length, "member")
    document.querySelector("[data-faces]").replaceChildren(...rows.slice(0, 3).map((row) => row.querySelector(".avatar").cloneNode(true)))
  }

  function openDirect(username) {
    directForm.elements.members.value = username
    directForm.submit()
  }

  function openMenu(button) {
    managed = button
    const row = button.closest("[data-username]").dataset
    const isAdmin = row.isAdmin === "true"
    menu.querySelector("[data-do=admin]").hidden = isAdmin
    menu.querySelector("[data-do=unmake-admin]").hidden = !isAdmin
    menu.querySelector("[data-do=remove]").hidden = row.username === me
    menu.showPopover()
    const { bottom, right, top } = button.getBoundingClientRect()
    const below = bottom + menu.offsetHeight < innerHeight ? bottom + 4 : top - menu.offsetHeight - 4
    menu.style.setProperty("--menu-top", `${below}px`)
    menu.style.setProperty("--menu-left", `${Math.max(8, right - menu.offsetWidth)}px`)
    menu.querySelector("button:not([hidden])").focus()
  }

  function manage({ username }, action) {
    return say(post(`/rooms/${roomId}/members/${encodeURIComponent(username)}/${action}`, {}))
  }

  /** Show how it went; answer whether it went well. */
  async function say(work) {
    answer.textContent = ""
    const { ok, sentence } = await work
    answer.classList.toggle("details__answer--refused", !ok)
    answer.textContent = sentence
    return ok
  }
}
