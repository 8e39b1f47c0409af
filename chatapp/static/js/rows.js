/* The rows of the conversation: how they come in, find their place, and go. */

// The only policy, and innerHTML stands nowhere else: what passes here was rendered by our server.
const policy = window.trustedTypes?.createPolicy("rows", { createHTML: (html) => html }) ?? {
  createHTML: (html) => html,
}

export const MAX_ROWS = 300

export function parseRows(html) {
  const template = document.createElement("template")
  template.innerHTML = policy.createHTML(html)
  return [...template.content.children]
}

export function parseDocument(html) {
  return new DOMParser().parseFromString(policy.createHTML(html), "text/html")
}

export const roomOf = (row) => row.closest("[data-room-id]").dataset.roomId

export const seqOf = (row) => Number(row.dataset.seq)

export const allRows = (list) => [...list.querySelectorAll(":scope > .message")]

const isPlaced = (row) => seqOf(row) > 0

/** Rows that the server has given a place, in order; rows on their way have none yet. */
export const placedRows = (list) => allRows(list).filter(isPlaced)

export function firstPlaced(list) {
  let row = list.firstElementChild
  while (row && !isPlaced(row)) row = row.nextElementSibling
  return row
}

export function lastPlaced(list) {
  let row = list.lastElementChild
  while (row && !isPlaced(row)) row = row.previousElementSibling
  return row
}

export function rowOfSeq(list, seq) {
  return list.querySelector(`:scope > [data-seq="${seq}"]`)
}

export function rowOfMessage(list, id) {
  return id ? list.querySelector(`:scope > [data-message-id="${CSS.escape(id)}"]`) : null
}

export function rowOfDraft(list, sender, clientId) {
  if (!clientId) return null
  const row = list.querySelector(`:scope > [data-client-id="${CSS.escape(clientId)}"]`)
  return row?.dataset.sender === sender ? row : null
}

/** Put a row where its seq belongs, in place of any older form of the same message. */
export function place(list, row) {
  const { messageId, sender, clientId } = row.dataset
  const draft = rowOfDraft(list, sender, clientId)
  const old = rowOfMessage(list, messageId) ?? (draft?.dataset.seq ? null : draft)
  if (old && isOlder(row, old)) return
  if (old && old !== row) takeOver(old, row)
  // What takes the place of itself stands there already: moving it would take the focus away.
  if (old?.dataset.seq !== row.dataset.seq) insert(list, row)
}

/** Put a row in place of an older form that is here; what is not here stays away. */
export function renew(list, row) {
  if (rowOfMessage(list, row.dataset.messageId)) place(list, row)
}

/** Two rows of one message may overtake each other on the way; the one that counts more changes is later. */
export const isOlder = (row, other) => changesOf(row) < changesOf(other)

export const changesOf = (row) => Number(row.dataset.changes ?? 0)

/** A quiet line tells what happened to the room; nobody says it. */
export const isQuiet = (row) => "kind" in row.dataset

/** Focus and the list's one tab stop pass to the new row, and within it to the same reaction. */
function takeOver(old, row) {
  const focused = old.contains(document.activeElement) ? document.activeElement : null
  row.tabIndex = old.tabIndex
  old.replaceWith(row)
  if (!focused) return
  const emoji = focused.dataset.emoji
  const same = emoji && row.querySelector(`[data-emoji="${CSS.escape(emoji)}"]`)
  ;(same || row).focus({ preventScroll: true })
}

function insert(list, row) {
  const neighbour = rowBefore(list, seqOf(row), row)
  if (neighbour === row.previousElementSibling && row.parentElement === list) return
  if (neighbour) neighbour.after(row)
  else list.prepend(row)
}

/** The last row with a smaller seq. Looked for from the end, where most rows arrive. */
function rowBefore(list, seq, except) {
  const first = firstPlaced(list)
  if (first && first !== except && seqOf(first) > seq) return null
  for (let row = list.lastElementChild; row; row = row.previousElementSibling) {
    if (row !== except && row.dataset.seq && seqOf(row) < seq) return row
  }
  return null
}

export function trimTop(list) {
  for (let left = surplus(list); left > 0; left -= 1) firstPlaced(list).remove()
}

export function trimBottom(list) {
  for (let left = surplus(list); left > 0; left -= 1) lastPlaced(list).remove()
}

function surplus(list) {
  const count = (name) => list.getElementsByClassName(name).length
  return count("message") - count("message--pending") - MAX_ROWS
}

export function clear(list) {
  for (const row of placedRows(list)) row.remove()
}
