/* What the reader has saved in the open room. Rows are the same for everybody; who saved them is known here. */

import { isSaid, register } from "./actions.js"
import { hear, icon, make, sameIn } from "./dom.js"
import { askAbout } from "./message_actions.js"
import { told } from "./socket.js"

const root = document.querySelector("[data-mount=timeline]")
const roomId = root?.dataset.roomId
let saved = seqsOf(root)

register({
  name: "save",
  label: (row) => (isSaved(row) ? "Remove from saved" : "Save for later"),
  icon: "bookmark",
  order: 55,
  key: "s",
  fits: isSaid,
  run: (row) => askAbout(row, isSaved(row) ? "unsave_message" : "save_message"),
})

told("message_saved", ({ room_id, seq }) => room_id === roomId && keep(new Set(saved).add(seq)))
told("message_unsaved", ({ room_id, seq }) => room_id === roomId && keep(new Set([...saved].filter((other) => other !== seq))))
hear("page:fresh", ({ page }) => {
  const fresh = root && sameIn(page, root)
  if (fresh) keep(seqsOf(fresh))
})

const isSaved = (row) => saved.has(Number(row.dataset.seq))

/** Show in the margin whether the reader saved it. */
export function markSaved(row) {
  const mark = row.querySelector(":scope > .message__saved")
  const isMarked = isSaved(row) && isSaid(row)
  if (!isMarked) mark?.remove()
  else if (!mark) row.append(newMark())
}

function newMark() {
  const mark = make("span", "message__saved")
  mark.title = "Saved"
  mark.append(icon("bookmark"), make("span", "hidden-text", "Saved"))
  return mark
}

function seqsOf(timeline) {
  return new Set((timeline?.dataset.saved ?? "").split(" ").filter(Boolean).map(Number))
}

/** Only the rows that it makes a difference to are looked for. */
function keep(now) {
  const changed = [...now, ...saved].filter((seq) => now.has(seq) !== saved.has(seq))
  saved = now
  for (const seq of changed) {
    const row = root.querySelector(`[data-rows] > [data-seq="${seq}"]`)
    if (row) markSaved(row)
  }
}
