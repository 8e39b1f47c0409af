/* One's own messages in the timeline, from Enter to the server's word on them. */

import { hear, me } from "./dom.js"
import { discard, entries, retry, settle } from "./outbox.js"
import { rowOfDraft } from "./rows.js"

const SWEEP_AFTER_MS = 2_000

/** `change(work)` alters the list; `sent(message)` hears what was acknowledged. */
export function outgoing({ roomId, list, pending, change, sent }) {
  let sweepTimer

  hear("message:asking", ({ client_id }) => pending.sending(client_id))
  hear("message:waiting", ({ client_id }) => change(() => pending.waiting(client_id)))
  hear("message:refused", ({ client_id, sentence }) => change(() => pending.refused(client_id, sentence)))
  hear("message:sent", ({ client_id, message }) => {
    if (message.room_id !== roomId) return
    change(() => pending.sent(client_id, message))
    sent(message)
  })
  hear("outbox:changed", () => {
    clearTimeout(sweepTimer)
    sweepTimer = setTimeout(sweep, SWEEP_AFTER_MS)
  })
  list.addEventListener("click", answer)
  for (const draft of entries()) if (draft.room_id === roomId) restore(draft)

  function restore(draft) {
    pending.show(draft)
    if (draft.refused) pending.refused(draft.client_id, draft.refused)
    else pending.waiting(draft.client_id)
  }

  /** What another tab discarded leaves this one too. */
  function sweep() {
    const kept = new Set(entries().map((entry) => entry.client_id))
    const gone = pending.clientIds().filter((clientId) => !kept.has(clientId))
    if (gone.length) change(() => gone.forEach((clientId) => pending.drop(clientId)))
  }

  function answer(event) {
    const clientId = event.target.closest(".message")?.dataset.clientId
    if (event.target.closest("[data-retry]")) retry(clientId)
    if (!event.target.closest("[data-discard]")) return
    discard(clientId)
    change(() => pending.drop(clientId))
  }
}

/** Rows that the server rendered prove that their message is kept, whatever became of the answer. */
export function settleWhatArrived(list) {
  for (const { client_id } of entries()) if (rowOfDraft(list, me, client_id)?.dataset.seq) settle(client_id)
}
