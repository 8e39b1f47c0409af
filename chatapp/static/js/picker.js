/* The emoji picker: all there are, by group or by words, in a skin tone, those used last first. */

import { make, me } from "./dom.js"
import { bySearch, plain, toned } from "./emoji.js"
import { putAt } from "./popover.js"
import { read, write } from "./store.js"

const GROUPS = new URL("../vendor/emoji-groups.json", import.meta.url)
const WORDS = new URL("../vendor/emoji-words.json", import.meta.url)
const NEWEST = 15.1 // later ones are boxes on many devices
const MOST_RECENT = 27
const MOST_FOUND = 90
const GAP_PX = 6
const MARGIN_PX = 8
const AGAIN_MS = 300
const IS_TOUCH = matchMedia("(pointer: coarse)").matches
const HAND = { emoji: "\u270b", tones: true }
const TONES = ["No skin tone", "Light", "Medium light", "Medium", "Medium dark", "Dark"]
const RECENT = `emoji:recent:${me}`
const TONE = `emoji:tone:${me}`

let picker
let loading

/** Open beside `anchor`. `picked(emoji)` is called at most once; `back()` puts the focus where it belongs. */
export async function open(options) {
  const all = await (loading ??= load().catch(forgetFailed))
  picker ??= new Picker(all)
  picker.open(options)
}

async function load() {
  const [groups, words] = await Promise.all([GROUPS, WORDS].map(async (address) => {
    const response = await fetch(address)
    if (!response.ok) throw new Error(`${address} answered ${response.status}`)
    return response.json()
  }))
  return groups.map(({ name, emojis }) => ({ name, emojis: emojis.filter(isOldEnough).map((one) => toEmoji(one, words)) }))
}

function forgetFailed(error) {
  loading = undefined
  throw error
}

const isOldEnough = ({ emoji_version }) => Number(emoji_version) <= NEWEST

function toEmoji({ emoji, name, skin_tone_support }, words) {
  return { emoji, name, tones: skin_tone_support, words: (words[emoji] ?? []).join(" ").replaceAll("_", " ").toLowerCase() }
}

class Picker {
  #tone = read(TONE) ?? 0
  #options
  #closedAt = 0

  constructor(groups) {
    this.all = groups.flatMap(({ emojis }) => emojis)
    this.element = make("div", "menu picker")
    Object.assign(this.element, { popover: "auto", tabIndex: -1 })
    this.element.setAttribute("role", "dialog")
    this.element.setAttribute("aria-label", "Emoji")
    this.search = make("input", "picker__search")
    Object.assign(this.search, { type: "search", placeholder: "Find an emoji", autocomplete: "off", spellcheck: false })
    this.search.setAttribute("aria-label", "Find an emoji")
    this.name = make("span", "picker__name")
    this.found = section("Found", [])
    this.recent = section("Used last", [])
    this.groups = [this.recent, ...groups.map(({ name, emojis }) => section(name, emojis.map((one) => this.#button(one))))]
    this.empty = make("p", "picker__empty")
    this.empty.setAttribute("role", "status")
    this.scroller = make("div", "picker__scroller")
    this.scroller.append(this.found, ...this.groups, this.empty)
    const foot = make("footer", "picker__foot")
    foot.append(this.name, this.#tones())
    this.element.append(this.search, this.#jumps(groups), this.scroller, foot)
    this.#listen()
    document.body.append(this.element)
  }

  open(options) {
    // The press on the button that opened it has closed it just now.
    if (options.anchor === this.#options?.anchor && performance.now() - this.#closedAt < AGAIN_MS) return
    this.#options = options
    this.search.value = ""
    this.#fill(this.recent, (read(RECENT) ?? []).map((emoji) => this.#asPicked(emoji)))
    this.#find()
    this.scroller.scrollTop = 0
    this.element.showPopover()
    place(this.element, options.anchor.getBoundingClientRect())
    // A keyboard on the screen would cover what is to be picked.
    const first = IS_TOUCH ? this.element : this.search
    first.focus({ preventScroll: true })
  }

  #listen() {
    this.search.addEventListener("input", () => this.#find())
    this.element.addEventListener("keydown", (event) => this.#key(event))
    this.element.addEventListener("click", ({ target }) => this.#pick(target.closest("[data-pick]")))
    for (const seen of ["pointerover", "focusin"]) {
      this.element.addEventListener(seen, ({ target }) => { if (target.closest("[data-pick]")) this.name.textContent = target.closest("[data-pick]").title })
    }
    this.element.addEventListener("toggle", ({ newState }) => {
      if (newState === "open") return
      this.#closedAt = performance.now()
      const isLost = this.element.contains(document.activeElement) || document.activeElement === document.body
      if (isLost) this.#options.back()
    })
  }

  #pick(button) {
    if (!button) return
    const emoji = button.textContent
    write(RECENT, [emoji, ...(read(RECENT) ?? []).filter((one) => one !== emoji)].slice(0, MOST_RECENT))
    this.element.hidePopover()
    this.#options.picked(emoji)
    this.#options.back()
  }

  #find() {
    const typed = this.search.value.trim()
    const found = typed ? bySearch(this.all, typed).slice(0, MOST_FOUND) : []
    this.#fill(this.found, found)
    for (const group of this.groups) group.hidden = typed !== "" || gridOf(group).childElementCount === 0
    this.empty.textContent = typed && found.length === 0 ? `No emoji matches \u201c${typed}\u201d.` : ""
    this.scroller.scrollTop = 0
    this.#stopAt(this.#shown()[0])
  }

  #fill(part, emojis) {
    gridOf(part).replaceChildren(...emojis.map((one) => this.#button(one)))
    part.hidden = emojis.length === 0
  }

  /** One that was used, in the skin tone of that time. */
  #asPicked(emoji) {
    const known = this.all.find((one) => plain(one.emoji) === plain(emoji))
    return { emoji, name: known?.name ?? emoji }
  }

  #button(one) {
    const made = make("button", "picker__emoji", toned(one, this.#tone))
    Object.assign(made, { type: "button", tabIndex: -1, title: one.name, one })
    made.setAttribute("aria-label", one.name)
    made.dataset.pick = ""
    return made
  }

  #jumps(groups) {
    const jumps = make("div", "picker__jumps")
    for (const [number, { name, emojis }] of groups.entries()) {
      const jump = make("button", "picker__jump", emojis[0].emoji)
      Object.assign(jump, { type: "button", title: name })
      jump.setAttribute("aria-label", name)
      jump.addEventListener("click", () => {
        this.search.value = ""
        this.#find()
        this.groups[number + 1].scrollIntoView({ block: "start" })
      })
      jumps.append(jump)
    }
    return jumps
  }

  #tones() {
    const tones = make("fieldset", "picker__tones")
    tones.append(make("legend", "hidden-text", "Skin tone"))
    for (const [number, name] of TONES.entries()) {
      const label = make("label", "picker__tone", toned(HAND, number))
      const radio = make("input", "picker__radio")
      Object.assign(radio, { type: "radio", name: "tone", value: number, checked: number === this.#tone })
      radio.setAttribute("aria-label", name)
      radio.addEventListener("change", () => this.#chooseTone(number))
      label.title = name
      label.append(radio)
      tones.append(label)
    }
    return tones
  }

  #chooseTone(tone) {
    this.#tone = tone
    write(TONE, tone)
    for (const button of this.scroller.querySelectorAll("[data-pick]")) if (button.one.tones) button.textContent = toned(button.one, tone)
  }

  // The grid: one stop for Tab, arrows within it, and typing goes on in the search.

  #key(event) {
    const { key, target } = event
    if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return
    const isSearch = target === this.search
    if (!isSearch && !("pick" in target.dataset)) return
    if (isSearch && key === "ArrowDown") this.#go(this.#shown()[0])
    else if (isSearch && key === "Enter") this.#pick(this.search.value.trim() ? this.#shown()[0] : null)
    else if (isSearch) return
    else if (key.startsWith("Arrow") || key === "Home" || key === "End") this.#go(this.#beside(target, key) ?? this.search)
    else if (key.length === 1 && key !== " ") return this.search.focus() // and there it is typed
    else return
    event.preventDefault()
  }

  #shown() {
    return [this.found, ...this.groups].filter((part) => !part.hidden).flatMap((part) => [...gridOf(part).children])
  }

  #beside(button, key) {
    const shown = this.#shown()
    const step = { ArrowLeft: -1, ArrowRight: 1 }[key]
    if (step) return shown[shown.indexOf(button) + step] ?? button
    if (key === "Home") return shown[0]
    if (key === "End") return shown.at(-1)
    return key === "ArrowDown" ? below(button) ?? button : above(button)
  }

  #go(element) {
    if (!element) return
    this.#stopAt(element === this.search ? undefined : element)
    element.focus()
    element.scrollIntoView({ block: "nearest" })
  }

  /** Let Tab lead to this emoji and to no other. */
  #stopAt(element) {
    for (const other of this.scroller.querySelectorAll("[data-pick][tabindex='0']")) other.tabIndex = -1
    if (element) element.tabIndex = 0
  }
}

function section(name, buttons) {
  const made = make("section", "picker__group")
  const grid = make("div", "picker__grid")
  grid.setAttribute("role", "group")
  grid.setAttribute("aria-label", name)
  grid.append(...buttons)
  made.append(make("h3", "picker__title", name), grid)
  return made
}

const gridOf = (part) => part.querySelector(".picker__grid")

const columnsOf = (grid) => getComputedStyle(grid).gridTemplateColumns.split(" ").length

function below(button) {
  const { grid, here, columns } = spotOf(button)
  const isLastLine = Math.floor(here / columns) === Math.floor((grid.childElementCount - 1) / columns)
  if (!isLastLine) return grid.children[Math.min(here + columns, grid.childElementCount - 1)]
  const next = neighbour(grid, "nextElementSibling")
  return next && next.children[Math.min(here % columns, next.childElementCount - 1)]
}

function above(button) {
  const { grid, here, columns } = spotOf(button)
  if (here >= columns) return grid.children[here - columns]
  const before = neighbour(grid, "previousElementSibling")
  if (!before) return undefined
  const lastLine = Math.floor((before.childElementCount - 1) / columns) * columns
  return before.children[Math.min(lastLine + here, before.childElementCount - 1)]
}

function spotOf(button) {
  const grid = button.parentElement
  return { grid, here: [...grid.children].indexOf(button), columns: columnsOf(grid) }
}

/** The grid of the next group that is shown, in one direction. */
function neighbour(grid, way) {
  let part = grid.parentElement[way]
  while (part && (part.hidden || !part.matches(".picker__group"))) part = part[way]
  return part && gridOf(part)
}

function place(element, { top, bottom, left, right }) {
  const { offsetHeight, offsetWidth } = element
  const isBelow = bottom + GAP_PX + offsetHeight + MARGIN_PX < innerHeight
  putAt(element, right > innerWidth / 2 ? right - offsetWidth : left, isBelow ? bottom + GAP_PX : top - GAP_PX - offsetHeight)
}
