/* How this person likes the chat to be. The server writes it on <html>, where style sheets read it too. */

import { fire } from "./dom.js"

const BAR_COLOURS = { light: "#fdfcfa", dark: "#16181c" }

const root = document.documentElement

export const prefers = (name, value) => root.dataset[name] === value

/** Look and behave so from now on. */
export function wear(preferences) {
  Object.assign(root.dataset, preferences)
  for (const scheme of ["light", "dark"]) {
    const bar = document.querySelector(`meta[name=theme-color][media*=${scheme}]`)
    bar.content = BAR_COLOURS[root.dataset.theme] ?? BAR_COLOURS[scheme]
  }
  fire(document, "preferences:changed", { preferences })
}

/** The same as another page was sent with. */
export function wearLike(page) {
  const { theme, density, enter, announces } = page.documentElement.dataset
  wear({ theme, density, enter, announces })
}
