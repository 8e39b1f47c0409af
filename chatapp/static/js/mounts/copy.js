/* A text to take along, with a button that says when it is done. */

import { copyText } from "../clipboard.js"

const SHOWN_MS = 4_000

export function mount(box) {
  const text = box.querySelector("[data-copy-text]")
  const done = box.querySelector("[data-copied]")
  const word = box.querySelector("[data-copy-word]")

  text.addEventListener("focus", () => text.select())
  box.querySelector("[data-copy]").addEventListener("click", async () => {
    const isCopied = await copyText(text.value)
    if (!isCopied) text.select()
    done.textContent = isCopied ? "Copied. Paste it where your team will see it." : "Press Ctrl or Cmd + C to copy it."
    word.textContent = isCopied ? "Copied" : "Copy"
    setTimeout(() => { word.textContent = "Copy" }, SHOWN_MS)
  })
}
