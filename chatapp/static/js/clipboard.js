/* Taking things along. */

import { announce } from "./dom.js"

const SHOWN_MS = 2_000

/** Answer whether it is on the clipboard now. */
export async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    // Plain http has no clipboard; the old way still works there.
    const field = document.createElement("textarea")
    field.value = text
    field.className = "hidden-text"
    const before = document.activeElement
    document.body.append(field)
    field.select()
    const isCopied = document.execCommand("copy")
    field.remove()
    before?.focus({ preventScroll: true })
    return isCopied
  }
}

/** The buttons of code blocks anywhere in `root`. */
export function copiesCode(root) {
  root.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy-code]")
    if (!button) return
    const isCopied = await copyText(button.parentElement.querySelector("code").textContent)
    announce(isCopied ? "Copied" : "This could not be copied")
    if (!isCopied) return
    button.dataset.done = ""
    button.title = "Copied"
    setTimeout(() => {
      delete button.dataset.done
      button.title = "Copy the code"
    }, SHOWN_MS)
  })
}
