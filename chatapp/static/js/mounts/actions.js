/* The toolbar and the menu of a message: by mouse, by keys on a focused row, by a long press. */

import { actionOfKey, actionsFor, labelOf } from "../actions.js"
import { icon, make } from "../dom.js"
import { putAt } from "../popover.js"
import { longPress } from "../press.js"
import { rowOfMessage } from "../rows.js"
import "../message_actions.js"

const ROW = "[data-rows] > .message"
const STEPS = { ArrowUp: -1, ArrowDown: 1, ArrowLeft: -1, ArrowRight: 1 }
const GAP_PX = 4

const itemsOf = (menu) => [...menu.querySelectorAll("[role=menuitem]")]

const symbolOf = ({ glyph, icon: name }) => (glyph ? make("span", "glyph", glyph) : icon(name))

export function mount(root) {
  const tools = root.querySelector("[data-tools]")
  const menu = root.querySelector("[data-message-menu]")
  const phone = matchMedia("(width < 720px)")
  let held = {}

  document.addEventListener("pointerover", ({ target, pointerType }) => pointerType === "mouse" && offer(target.closest?.(ROW)))
  document.addEventListener("focusin", ({ target }) => offer(target.closest(ROW)))
  document.addEventListener("click", ({ target }) => {
    const button = target.closest("[data-row-action]")
    const row = target.closest(ROW)
    if (button && row && tools.contains(button)) act(button.dataset.rowAction, row, button)
  })
  document.addEventListener("keydown", key)
  longPress(ROW, (row) => actionsFor(row).length > 0 && open(row))
  menu.addEventListener("click", ({ target }) => {
    const item = target.closest("[data-row-action]")
    if (!item) return
    const row = close()
    if (row) act(item.dataset.rowAction, row)
  })
  menu.addEventListener("keydown", step)
  menu.addEventListener("toggle", ({ newState }) => newState === "closed" && restore())

  /** Bring the toolbar to a row; there is one for all of them. */
  function offer(row) {
    if (!row || tools.parentElement === row || menu.matches(":popover-open")) return
    const offered = actionsFor(row)
    tools.hidden = offered.length === 0
    if (tools.hidden) return
    const shown = offered.filter((action) => action.isInToolbar).map((action) => button(action, row))
    tools.replaceChildren(...shown, button({ name: "more", label: "More actions", icon: "more" }, row))
    row.append(tools)
    const stream = row.closest("[data-stream]").getBoundingClientRect()
    tools.classList.toggle("tools--below", row.getBoundingClientRect().top - tools.offsetHeight / 2 < stream.top)
  }

  function button(action, row) {
    const made = make("button", "icon-button icon-button--small")
    const label = labelOf(action, row)
    Object.assign(made, { type: "button", tabIndex: -1, title: action.key ? `${label} (${action.key})` : label })
    made.setAttribute("aria-label", label)
    made.dataset.rowAction = action.name
    made.append(symbolOf(action))
    return made
  }

  function act(name, row, anchor) {
    if (name === "more") return open(row, anchor)
    actionsFor(row).find((action) => action.name === name)?.run(row, anchor)
  }

  function open(row, anchor = row) {
    held = { list: row.parentElement, id: row.dataset.messageId }
    const actions = actionsFor(row)
    const quick = make("div", "menu__quick")
    quick.append(...actions.filter((action) => action.isQuick).map((action) => quickItem(action, row)))
    const items = actions.filter((action) => !action.isQuick).map((action) => item(action, row))
    menu.replaceChildren(...(quick.childElementCount ? [quick] : []), ...items)
    menu.showPopover()
    if (!phone.matches) put(anchor.getBoundingClientRect(), anchor !== row)
    itemsOf(menu)[0].focus()
  }

  function quickItem(action, row) {
    const made = button(action, row)
    made.className = "menu__glyph"
    made.setAttribute("role", "menuitem")
    return made
  }

  function item(action, row) {
    const made = make("button", action.isAlert ? "menu__item menu__item--alert" : "menu__item")
    Object.assign(made, { type: "button", tabIndex: -1 })
    made.setAttribute("role", "menuitem")
    made.dataset.rowAction = action.name
    made.append(symbolOf(action), make("span", "menu__words", labelOf(action, row)))
    if (action.key) made.append(make("kbd", "key", action.key))
    return made
  }

  /** Beside what was pressed, and always inside the window. */
  function put({ top, bottom, right, left }, isButton) {
    const below = bottom + GAP_PX + menu.offsetHeight < innerHeight ? bottom + GAP_PX : top - GAP_PX - menu.offsetHeight
    putAt(menu, isButton ? right - menu.offsetWidth : left + 56, below)
  }

  /** Close the menu and answer with its row, as it is by now. */
  function close() {
    const row = rowOfMessage(held.list, held.id)
    menu.hidePopover()
    return row
  }

  /** Whoever was in the menu is on its message again. */
  function restore() {
    const isLost = [menu, tools].some((part) => part.contains(document.activeElement)) || document.activeElement === document.body
    if (isLost && held.list) rowOfMessage(held.list, held.id)?.focus({ preventScroll: true })
  }

  function key(event) {
    const row = event.target.closest?.(ROW)
    if (event.target !== row || event.ctrlKey || event.metaKey || event.altKey) return
    const action = actionOfKey(row, event.key)
    if (event.key === "Enter" && actionsFor(row).length) open(row)
    else if (action) action.run(row)
    else return
    event.preventDefault()
  }

  function step(event) {
    const items = itemsOf(menu)
    const here = items.indexOf(document.activeElement)
    if (event.key in STEPS) items.at((here + STEPS[event.key]) % items.length).focus()
    else if (event.key === "Home") items[0].focus()
    else if (event.key === "End") items.at(-1).focus()
    else if (event.key === "Tab") menu.hidePopover()
    else return
    event.preventDefault()
  }
}
