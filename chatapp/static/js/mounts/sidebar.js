/* The list of rooms, live, and the keys that move through it. */

import { fire, hear, me, replaceIn } from "../dom.js"
import { parseRows } from "../rows.js"
import { told } from "../socket.js"

export function mount(sidebar) {
  const list = sidebar.querySelector("[data-rooms]")
  const directs = sidebar.querySelector("[data-directs]")
  // A row told to a whole room does not know what the reader wants of it.
  const levels = new Map()
  const rows = () => [...list.children, ...directs.children]
  const find = (roomId) => rows().find((row) => row.dataset.roomId === roomId)
  const nameOf = (row) => row.querySelector("[data-room-name]").textContent

  told("room_created", ({ row }) => add(row))
  told("member_added", ({ member, room_row }) => member.username === me && add(room_row))
  told("room_renamed", ({ room }) => rename(room))
  told("room_kind_changed", ({ room_row }) => renew(room_row))
  told("room_archived", ({ room_id }) => remove(room_id))
  told("room_restored", ({ room_row }) => add(room_row))
  told("level_changed", ({ room_id, level }) => setLevel(room_id, level))
  told("direct_opened", ({ row }) => add(row))
  told("direct_hidden", ({ room_id }) => remove(room_id))
  told("member_removed", ({ room_id, username }) => username === me && remove(room_id))
  hear("page:fresh", ({ page }) => refresh(page))
  addEventListener("keydown", step)
  if (/Mac|iPhone|iPad/.test(navigator.platform)) sidebar.querySelector("[data-jump-key]").textContent = "⌘ K"
  rows().find((row) => row.querySelector("[aria-current]"))?.scrollIntoView({ block: "nearest" })

  function add(html) {
    const row = rowFrom(html)
    if (find(row.dataset.roomId)) return
    row.dataset.level = levels.get(row.dataset.roomId) ?? row.dataset.level
    sort(row)
    fire(sidebar, "people:shown", {})
    review()
  }

  /** A row that is told does not know which room is open here. */
  function rowFrom(html) {
    const [row] = parseRows(html)
    if (row.dataset.roomId === sidebar.dataset.current) row.querySelector("a").setAttribute("aria-current", "page")
    return row
  }

  /** By name, where it belongs, without touching the others: nothing moves under the pointer. */
  function sort(row) {
    const home = "direct" in row.dataset ? directs : list
    const after = [...home.children].find((other) => other !== row && nameOf(other).localeCompare(nameOf(row), undefined, { sensitivity: "base" }) > 0)
    home.insertBefore(row, after ?? null)
  }

  function rename({ id, name }) {
    const row = find(id)
    if (!row) return
    row.querySelector("[data-room-name]").textContent = name
    sort(row)
  }

  /** The row as it is now, in the place of the older one. */
  function renew(html) {
    const row = rowFrom(html)
    const old = find(row.dataset.roomId)
    if (!old) return
    row.dataset.level = old.dataset.level
    const isFocused = old.contains(document.activeElement)
    old.replaceWith(row)
    if (isFocused) row.querySelector("a").focus()
  }

  function setLevel(roomId, level) {
    levels.set(roomId, level)
    const row = find(roomId)
    if (row) row.dataset.level = level
  }

  function remove(roomId) {
    const row = find(roomId)
    if (row) levels.set(roomId, row.dataset.level)
    row?.remove()
    review()
  }

  function review() {
    sidebar.querySelector("[data-no-rooms]").hidden = list.children.length > 0
  }

  function refresh(page) {
    const fresh = page.querySelector("[data-rooms]")
    if (!fresh) return
    replaceIn(list, fresh.children, "data-room-id", "a")
    replaceIn(directs, page.querySelector("[data-directs]").children, "data-room-id", "a")
    fire(sidebar, "people:shown", {})
    review()
  }

  function step(event) {
    const by = { ArrowUp: -1, ArrowDown: 1 }[event.key]
    if (!by || !event.altKey || event.ctrlKey || event.metaKey || event.shiftKey || event.isComposing) return
    const links = rows().map((row) => row.querySelector("a"))
    const here = links.findIndex((link) => link.hasAttribute("aria-current"))
    const target = links[here < 0 ? 0 : here + by]
    if (!target) return
    event.preventDefault()
    location.assign(target.href)
  }
}
