/* Ctrl or Cmd+K: to a room by a few letters of its name. */

import { combobox } from "../combobox.js"
import { make } from "../dom.js"

const MOST = 12

export function mount(dialog) {
  const input = dialog.querySelector("input")
  const nothing = dialog.querySelector("[data-nothing]")
  const { show } = combobox(input, dialog.querySelector("[role=listbox]"), (option) => location.assign(option.dataset.href))

  input.addEventListener("input", find)
  // Esc closes the dialog, not only the list in it.
  input.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return
    event.preventDefault()
    event.stopImmediatePropagation()
    dialog.close()
  }, { capture: true })
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close())
  for (const button of document.querySelectorAll("[data-opens-jump]")) button.addEventListener("click", open)
  addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey) return
    event.preventDefault()
    if (dialog.open) dialog.close()
    else open()
  })

  function open() {
    if (document.querySelector("dialog[open]")) return
    input.value = ""
    dialog.showModal()
    find()
  }

  function find() {
    const sought = input.value.trim().toLowerCase()
    const links = [...document.querySelectorAll("[data-rooms] a, [data-directs] a")]
    const found = links.map((link) => ({ link, at: nameOf(link).toLowerCase().indexOf(sought) })).filter(({ at }) => at >= 0)
    // A name that begins with it comes before one that has it somewhere.
    found.sort((one, other) => (one.at > 0) - (other.at > 0))
    show(found.slice(0, MOST).map(({ link, at }) => option(link, at, sought.length)))
    nothing.hidden = found.length > 0
    nothing.textContent = found.length ? "" : `No room of yours is called “${input.value.trim()}”.`
  }
}

const nameOf = (link) => link.querySelector("[data-room-name]").textContent

function option(link, at, length) {
  const item = make("li", "options__item")
  const name = make("span", "options__name")
  const text = nameOf(link)
  name.dir = "auto"
  name.append(text.slice(0, at), make("mark", "", text.slice(at, at + length)), text.slice(at + length))
  item.dataset.href = link.href
  item.append(link.querySelector(".icon, .avatar, .room-link__count").cloneNode(true), name)
  if (link.hasAttribute("aria-current")) item.append(make("small", "", "you are here"))
  return item
}
