/* Suggestions under a text field, worked by keyboard or pointer: the combobox pattern with a listbox. */

let made = 0

/** `pick(option)` gets the chosen element. Answer with `show(options)` and `close()`. */
export function combobox(input, list, pick) {
  input.addEventListener("keydown", key)
  // Before the field loses focus to the click.
  list.addEventListener("pointerdown", (event) => event.preventDefault())
  list.addEventListener("click", (event) => choose(event.target.closest("[role=option]")))
  list.addEventListener("pointermove", (event) => mark(event.target.closest("[role=option]")))

  const marked = () => list.querySelector("[aria-selected=true]")

  function show(options) {
    for (const option of options) {
      option.id ||= `option-${(made += 1)}`
      option.setAttribute("role", "option")
      option.setAttribute("aria-selected", "false")
    }
    list.replaceChildren(...options)
    list.hidden = options.length === 0
    input.setAttribute("aria-expanded", String(options.length > 0))
    mark(options[0])
    if (!options.length) input.removeAttribute("aria-activedescendant")
  }

  function close() {
    show([])
  }

  function mark(option) {
    if (!option) return
    marked()?.setAttribute("aria-selected", "false")
    option.setAttribute("aria-selected", "true")
    option.scrollIntoView({ block: "nearest" })
    input.setAttribute("aria-activedescendant", option.id)
  }

  function choose(option) {
    if (option) pick(option)
  }

  function key(event) {
    if (event.isComposing || event.keyCode === 229 || list.children.length === 0) return
    const options = [...list.children]
    const here = options.indexOf(marked())
    if (event.key === "ArrowDown") mark(options[(here + 1) % options.length])
    else if (event.key === "ArrowUp") mark(options.at(here - 1))
    else if (event.key === "Enter" || (event.key === "Tab" && !event.shiftKey)) choose(options[here])
    else if (event.key === "Escape") close()
    else return
    event.preventDefault()
    event.stopPropagation()
  }

  return { show, close }
}
