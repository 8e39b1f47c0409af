/* The conversation: history above, news below, one's own messages at once. */

import { arrived } from "../arrivals.js"
import { copiesCode } from "../clipboard.js"
import { announce, counted, hear, me } from "../dom.js"
import { Dresser } from "../dress.js"
import { Edge } from "../edge.js"
import { History } from "../history.js"
import { jumps, spot } from "../jumps.js"
import { outgoing, settleWhatArrived } from "../outgoing.js"
import { Pending } from "../pending.js"
import { bring } from "../quotes.js"
import { isQuiet, parseRows, rowOfMessage, rowOfSeq } from "../rows.js"
import { fromEnd, fromStart, holding, isAtEnd, isNearTop, toEnd, toMiddle } from "../scroll.js"
import { told } from "../socket.js"

const LOAD_BEFORE_EDGE_PX = 600
const GAP_MS = 150
const FAILED_RETRY_MS = 3_000
const MINUTE_MS = 60_000

export function mount(root) {
  const { roomId, head, mark, at } = root.dataset
  const stream = root.querySelector("[data-stream]")
  const list = root.querySelector("[data-rows]")
  const latest = root.querySelector("[data-latest]")
  let staysAtEnd = !at
  let isShort = false // of the very end, where new rows show by themselves
  let unseen = 0
  let gapTimer
  let isCatchingUp = false

  const dresser = new Dresser(list)
  const pending = new Pending(root, list)
  const history = new History({ roomId, list, change, head: Number(head), mark: Number(mark), isNearTop: () => !staysAtEnd && isNearTop(stream) })
  const earlier = new Edge(root.querySelector("[data-edge=earlier]"), () => history.earlier(), change)
  const later = new Edge(root.querySelector("[data-edge=later]"), () => history.later(), change)

  copiesCode(list)
  outgoing({ roomId, list, pending, change, sent: ({ seq }) => { history.heard(seq); watchGap() } })
  jumps(roomId, jump)
  change(() => {})
  if (at) stop(rowOfSeq(list, at))
  loadEdges()

  stream.addEventListener("scroll", () => {
    staysAtEnd = history.isAttached && isAtEnd(stream)
    isShort = staysAtEnd && fromEnd(stream) > 0
    showLatest()
    loadEdges()
  }, { passive: true })
  // The composer grows, a keyboard opens, a notice appears: whoever was at the end stays there.
  const sizes = new ResizeObserver(() => staysAtEnd && toEnd(stream))
  sizes.observe(stream)
  sizes.observe(list)

  told("message_posted", ({ message, row }) => message.room_id === roomId && show(parseRows(row)[0]))
  told("message_changed", ({ message, row }) => message.room_id === roomId && change(() => bring(list, parseRows(row)[0])))
  told("message_deleted", ({ room_id, row }) => room_id === roomId && change(() => bring(list, parseRows(row)[0])))
  told("changes", (rooms) => Object.entries(rooms[roomId] ?? {}).some(([id, changes]) => history.isBehind(id, changes)) && catchUp())
  told("heads", (heads) => heads[roomId] > history.head && missed(heads[roomId]))
  hear("message:sending", ({ draft }) => draft.room_id === roomId && showMine(draft))
  hear("connection:changed", ({ state }) => state === "online" && catchUp())
  if (document.body.dataset.conn === "online") catchUp()
  latest.addEventListener("click", goToEnd)
  setInterval(() => dresser.all(), MINUTE_MS)

  /** Everything that alters the list goes through here, so that nobody's place moves. */
  function change(work) {
    const alter = () => {
      work()
      dresser.changed()
      showStart()
    }
    if (staysAtEnd && history.isAttached) alter()
    else holding(stream, list, alter)
    if (isShort && staysAtEnd && history.isAttached) toEnd(stream)
    settleWhatArrived(list)
  }

  function show(row) {
    const isNews = row.dataset.sender !== me && !isQuiet(row) && !rowOfMessage(list, row.dataset.messageId)
    if (!history.show(row)) watchGap()
    if (!isNews) return
    if (staysAtEnd) arrived(row)
    else unseen += 1
    showLatest()
  }

  function showMine(draft) {
    change(() => pending.show(draft))
    return goToEnd()
  }

  async function goToEnd() {
    if (!history.isAttached) await history.newest().catch(() => {})
    staysAtEnd = history.isAttached
    toEnd(stream)
    showLatest()
    watchGap()
  }

  /** Go to a message, wherever it is. */
  async function jump(seq) {
    try {
      staysAtEnd = false
      if (!rowOfSeq(list, seq)) await history.around(seq)
      stop(rowOfSeq(list, seq))
    } catch {
      announce("This message could not be loaded.")
    }
    showLatest()
    loadEdges()
  }

  function stop(row) {
    toMiddle(stream, row)
    staysAtEnd = history.isAttached && isAtEnd(stream)
    spot(row)
    row.focus({ preventScroll: true })
  }

  function missed(head) {
    history.heard(head)
    watchGap()
  }

  /** What is missing usually follows at once; if it does not, it is fetched. */
  function watchGap() {
    gapTimer ??= setTimeout(() => {
      gapTimer = undefined
      if (history.hasGap) catchUp()
    }, GAP_MS)
  }

  async function catchUp() {
    if (isCatchingUp) return
    isCatchingUp = true
    const headBefore = history.head
    try {
      await history.catchUp(() => staysAtEnd)
      if (!staysAtEnd) unseen += history.head - headBefore
      earlier.forgive()
      later.forgive()
      loadEdges()
    } catch {
      setTimeout(catchUp, FAILED_RETRY_MS)
    } finally {
      isCatchingUp = false
      showLatest()
    }
  }

  async function loadEdges() {
    if (fromStart(stream) < LOAD_BEFORE_EDGE_PX && history.hasEarlier && (await earlier.reached())) loadEdges()
    if (fromEnd(stream) < LOAD_BEFORE_EDGE_PX && !history.isAttached && (await later.reached())) loadEdges()
  }

  function showLatest() {
    if (staysAtEnd) unseen = 0
    const isFar = !history.isAttached || fromEnd(stream) > stream.clientHeight
    latest.hidden = staysAtEnd || (unseen === 0 && !isFar)
    latest.querySelector("[data-latest-word]").textContent = unseen ? counted(unseen, "new message") : "Latest"
  }

  function showStart() {
    root.querySelector("[data-start]").hidden = history.hasEarlier
    const words = root.querySelector("[data-start-text]")
    if (list.querySelector(".message") && words.textContent !== words.dataset.begins) words.textContent = words.dataset.begins
  }
}
