/* Reactions: by a click on one, from the toolbar and the menu, or picked; and who they are from. */

import { isKept, isOpen, register } from "../actions.js"
import { Bubble } from "../bubble.js"
import { announce, hear, make } from "../dom.js"
import { fetchPart } from "../http.js"
import { pick } from "../pick.js"
import { peopleOf, react, toggle } from "../reactions.js"
import { roomOf, rowOfMessage } from "../rows.js"

const ROW = "[data-rows] > .message"
const REACTION = "[data-reactions] > [data-emoji]"
const NAMED = 10
const HOVER_MS = 300
const REFUSED_MS = 5_000
const QUICK = [["👍", "thumbs up"], ["🎉", "party popper"], ["❤️", "red heart"], ["😂", "tears of joy"], ["👀", "eyes"]]
const IN_TOOLBAR = 2

const list = new Intl.ListFormat("en", { type: "conjunction" })

export function mount(root) {
  const bubble = new Bubble(root.querySelector("[data-reaction-names]"))
  const dialog = root.querySelector("[data-reaction-people]")
  const people = dialog.querySelector("[data-list]")

  for (const [number, [emoji, name]] of QUICK.entries()) {
    register({ name: `react-${number}`, label: `React with ${name}`, glyph: emoji, order: number, isQuick: true, isInToolbar: number < IN_TOOLBAR, fits: isOpen, run: (row) => toggle(row, emoji) })
  }
  register({ name: "react", label: "Add reaction", icon: "smile", order: 10, key: "+", isInToolbar: true, fits: isOpen, run: choose })
  register({ name: "reactions", label: "Who reacted", icon: "people", order: 60, fits: (row) => isKept(row) && row.querySelector(REACTION), run: showPeople })

  document.addEventListener("click", ({ target }) => {
    const row = target.closest(ROW)
    if (!row || !isOpen(row)) return
    const button = target.closest(REACTION)
    if (button) toggle(row, button.dataset.emoji)
    else if (target.closest("[data-reacts]")) choose(row, target.closest("[data-reacts]"))
  })
  document.addEventListener("pointerover", ({ target, pointerType }) => {
    const button = target.closest?.(REACTION)
    if (button && bubble.isBeside(button)) return
    bubble.hide()
    if (button && pointerType === "mouse") bubble.showSoon(button, () => namesOf(button), HOVER_MS)
  })
  document.addEventListener("focusin", ({ target }) => {
    bubble.hide()
    if (target.matches(`${REACTION}:focus-visible`)) bubble.show(target, namesOf(target))
  })
  document.addEventListener("focusout", () => bubble.hide())
  document.addEventListener("scroll", () => bubble.hide(), { capture: true, passive: true })
  document.addEventListener("keydown", ({ key }) => key === "Escape" && bubble.hide())
  hear("reaction:refused", ({ messageId, sentence }) => refused(rowOf(messageId), sentence))
  dialog.querySelector("[data-close]").addEventListener("click", () => dialog.close())

  const rowOf = (messageId) => rowOfMessage(document.querySelector("[data-rows]"), messageId)

  function choose(row, anchor = row) {
    const { messageId } = row.dataset
    pick({
      anchor,
      // The row may be another by then.
      picked: (emoji) => rowOf(messageId) && react(rowOf(messageId), emoji, true),
      back: () => rowOf(messageId)?.focus({ preventScroll: true }),
      failed: (sentence) => refused(rowOf(messageId), sentence),
    })
  }

  function refused(row, sentence) {
    announce(sentence)
    if (!row) return
    bubble.show(row.querySelector("[data-reactions]") ?? row.querySelector(".message__main"), sentence)
    bubble.hideIn(REFUSED_MS)
  }

  async function showPeople(row) {
    people.replaceChildren()
    dialog.showModal()
    try {
      people.replaceChildren(...(await fetchPart(`/rooms/${roomOf(row)}/messages/${row.dataset.messageId}/reactions`)))
    } catch (refusal) {
      people.replaceChildren(make("li", "reacted", refusal.message))
    }
  }
}

/** "You, Ben Okafor and 3 others reacted with 👍" */
function namesOf(button) {
  const { others, count } = peopleOf(button)
  const isMine = button.getAttribute("aria-pressed") === "true"
  const named = [...(isMine ? ["You"] : []), ...others.slice(-NAMED)]
  const left = Math.max(count, named.length) - named.length
  const more = left > 0 ? [left === 1 ? "1 other" : `${left} others`] : []
  return `${list.format([...named, ...more])} reacted with ${button.dataset.emoji}`
}
