/* A text field of usernames that suggests people and shows the chosen ones as chips. */

import { combobox } from "../combobox.js"
import { icon, make, me } from "../dom.js"
import { fetchJson } from "../http.js"

const ASK_AFTER_MS = 120

let made = 0

export function mount(field) {
  const input = field.querySelector("input")
  const box = make("div", "people")
  const list = make("ul", "options people__options")
  const kept = make("input")
  const chosen = new Map()
  let asked
  let timer

  Object.assign(kept, { type: "hidden", name: input.name })
  Object.assign(list, { id: `people-${(made += 1)}`, hidden: true })
  list.setAttribute("role", "listbox")
  list.setAttribute("aria-label", "Suggestions")
  for (const [name, value] of Object.entries({ role: "combobox", "aria-expanded": "false", "aria-autocomplete": "list", "aria-controls": list.id })) input.setAttribute(name, value)
  input.removeAttribute("name")
  const hadFocus = document.activeElement === input
  input.replaceWith(box)
  box.append(input, kept, list)
  if (hadFocus) input.focus()
  const suggestions = combobox(input, list, (option) => choose(option.dataset.username, option.dataset.displayName))

  for (const word of words(input.value)) choose(word, word)
  keep()

  input.addEventListener("input", () => {
    // Not at a space: display names have them.
    if (/[,;]/.test(input.value)) for (const word of words(input.value)) choose(word, word)
    keep()
    clearTimeout(timer)
    timer = setTimeout(suggest, ASK_AFTER_MS)
  })
  input.addEventListener("keydown", (event) => {
    if (event.key === "Backspace" && !input.value && chosen.size) drop([...chosen.keys()].at(-1))
  })
  input.addEventListener("blur", suggestions.close)
  box.addEventListener("click", (event) => event.target === box && input.focus())
  input.form.addEventListener("reset", () => { for (const name of [...chosen.keys()]) drop(name) })

  async function suggest() {
    const sought = input.value.trim().replace(/^@/, "")
    asked?.abort()
    if (!sought) return suggestions.close()
    asked = new AbortController()
    const { people } = await fetchJson(`/people?q=${encodeURIComponent(sought)}`, { signal: asked.signal }).catch(() => ({ people: [] }))
    if (document.activeElement !== input || input.value.trim().replace(/^@/, "") !== sought) return
    suggestions.show(people.filter(({ username }) => !isHere(username)).map(option))
  }

  function isHere(username) {
    const member = `[data-username="${CSS.escape(username)}"]:not(body)`
    return username === me || chosen.has(username) || document.querySelector(member) !== null
  }

  function choose(username, displayName) {
    const chip = make("span", "people__chip")
    const remove = make("button", "people__remove")
    remove.type = "button"
    remove.setAttribute("aria-label", `Take out ${displayName}`)
    remove.append(icon("x"))
    remove.addEventListener("click", () => { drop(username); input.focus() })
    chip.append(make("span", "", displayName), remove)
    chosen.get(username)?.remove()
    chosen.set(username, chip)
    input.before(chip)
    input.value = ""
    suggestions.close()
    keep()
  }

  function drop(username) {
    chosen.get(username).remove()
    chosen.delete(username)
    keep()
  }

  /** What is posted: the chosen, and what is still being typed. */
  function keep() {
    kept.value = [...chosen.keys(), ...words(input.value)].join(", ")
  }
}

const words = (text) => text.split(/[\s,;]+/).filter(Boolean)

function option({ username, display_name }) {
  const item = make("li", "options__item")
  Object.assign(item.dataset, { username, displayName: display_name })
  item.append(make("span", "options__name", display_name), make("small", "", `@${username}`))
  return item
}
