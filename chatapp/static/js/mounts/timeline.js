/* The conversation: history above, news below, one's own messages at once. */

import { arrived } from "../arrivals.js"
import { counted, hear, me } from "../dom.js"
import { dress } from "../dress.js"
import { Edge } from "../edge.js"
import { History } from "../history.js"
import { discard, entries, retry, settle } from "../outbox.js"
import { Pending } from "../pending.js"
import { parseRows, rowOfDraft, rowOfMessage } from "../rows.js"
import { fromEnd, holding, isAtEnd, isNearTop, toEnd } from "../scroll.js"
import { told } from "../socket.js"

const LOAD_BEFORE_EDGE_PX = 600
const GAP_MS = 150
const FAILED_RETRY_MS = 3_000
const MINUTE_MS = 60_000

export function mount(root) {
  const { roomId } = root.dataset
  const stream = root.querySelector("[data-stream]")
  const list = root.querySelector("[data-rows]")
  const latest = root.querySelector("[data-latest]")
  const pending = new Pending(root, list)
  let staysAtEnd = true
  let unseen = 0
  let gapTimer
  let isCatchingUp = false
  const history = new History({ roomId, list, head: Number(root.dataset.head), change, isNearTop: () => !staysAtEnd && isNearTop(stream) })
  const earlier = new Edge(root.querySelector("[data-edge=earlier]"), () => history.earlier(), change)
  const later = new Edge(root.querySelector("[data-edge=later]"), () => history.later(), change)

  for (const draft of entries()) if (draft.room_id === roomId) restore(draft)
  change(() => {})
  toEnd(stream)
  loadEdges()

  stream.addEventListener("scroll", () => {
    staysAtEnd = history.isAttached && isAtEnd(stream)
    showLatest()
    loadEdges()
  }, { passive: true })
  // The composer grows, a keyboard opens, a notice appears: whoever was at the end stays there.
  const sizes = new ResizeObserver(() => staysAtEnd && toEnd(stream))
  sizes.observe(stream)
  sizes.observe(list)

  told("message_posted", ({ message, row }) => message.room_id === roomId && show(parseRows(row)[0]))
  hear("connection:changed", ({ state }) => state === "online" && catchUp())
  hear("message:sending", ({ draft }) => draft.room_id === roomId && showMine(draft))
  hear("message:asking", ({ client_id }) => pending.sending(client_id))
  hear("message:waiting", ({ client_id }) => change(() => pending.waiting(client_id)))
  hear("message:refused", ({ client_id, sentence }) => change(() => pending.refused(client_id, sentence)))
  hear("message:sent", ({ client_id, message }) => message.room_id === roomId && confirm(client_id, message))
  list.addEventListener("click", answer)
  latest.addEventListener("click", goToEnd)
  setInterval(() => dress(list), MINUTE_MS)
  if (document.body.dataset.conn === "online") catchUp()

  /** Everything that alters the list goes through here, so that nobody's place moves. */
  function change(work) {
    const wasAtEnd = staysAtEnd
    holding(stream, list, () => {
      work()
      dress(list)
      showStart()
    })
    if (wasAtEnd && history?.isAttached) toEnd(stream)
    for (const { client_id } of entries()) if (rowOfDraft(list, me, client_id)?.dataset.seq) settle(client_id)
  }

  function show(row) {
    const isNew = !rowOfMessage(list, row.dataset.messageId)
    const isMine = row.dataset.sender === me
    if (!history.show(row)) watchGap()
    if (!isNew || isMine) return
    if (!staysAtEnd) unseen += 1
    else arrived(row)
    showLatest()
  }

  async function showMine(draft) {
    if (!history.isAttached) await history.newest().catch(() => {})
    staysAtEnd = history.isAttached
    change(() => pending.show(draft))
    toEnd(stream)
  }

  function restore(draft) {
    pending.show(draft)
    if (draft.refused) pending.refused(draft.client_id, draft.refused)
    else pending.waiting(draft.client_id)
  }

  function confirm(clientId, message) {
    change(() => pending.sent(clientId, message))
    history.head = Math.max(history.head, message.seq)
    watchGap()
  }

  /** What is missing usually follows at once; if it does not, it is fetched. */
  function watchGap() {
    gapTimer ??= setTimeout(() => {
      gapTimer = undefined
      if (history.isAttached && history.tail < history.head) catchUp()
    }, GAP_MS)
  }

  async function catchUp() {
    if (isCatchingUp) return
    isCatchingUp = true
    const headBefore = history.head
    try {
      await history.catchUp(() => staysAtEnd)
      if (!staysAtEnd) unseen += Math.max(0, history.head - headBefore)
      earlier.again()
    } catch {
      setTimeout(catchUp, FAILED_RETRY_MS)
    } finally {
      isCatchingUp = false
      showLatest()
    }
  }

  async function loadEdges() {
    if (stream.scrollTop < LOAD_BEFORE_EDGE_PX && history.hasEarlier && (await earlier.reached())) loadEdges()
    if (fromEnd(stream) < LOAD_BEFORE_EDGE_PX && !history.isAttached && (await later.reached())) loadEdges()
  }

  async function goToEnd() {
    if (!history.isAttached) await history.newest().catch(() => {})
    staysAtEnd = history.isAttached
    toEnd(stream)
    showLatest()
  }

  function showLatest() {
    if (staysAtEnd) unseen = 0
    const isFar = !history.isAttached || fromEnd(stream) > stream.clientHeight
    latest.hidden = staysAtEnd || (unseen === 0 && !isFar)
    latest.querySelector("[data-latest-word]").textContent = unseen ? counted(unseen, "new message") : "Latest"
  }

  function showStart() {
    root.querySelector("[data-start]").hidden = history?.hasEarlier ?? true
    if (list.querySelector(".message")) root.querySelector("[data-start-text]").textContent = "This is where the room begins."
  }

  function answer(event) {
    const clientId = event.target.closest(".message")?.dataset.clientId
    if (event.target.closest("[data-retry]")) retry(clientId)
    if (!event.target.closest("[data-discard]")) return
    discard(clientId)
    change(() => pending.drop(clientId))
  }
}
