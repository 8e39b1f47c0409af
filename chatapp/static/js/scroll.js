/* Where one is in the conversation, and how to stay there.
 *
 * The stream is laid out from its end (messages.css): scrollTop is 0 there, and less than 0 above.
 */

const END_PX = 100

export const fromEnd = (stream) => -stream.scrollTop

export const fromStart = (stream) => stream.scrollHeight - stream.clientHeight + stream.scrollTop

export const isAtEnd = (stream) => fromEnd(stream) <= END_PX

/** Which end of the document is farther from the reader. */
export const isNearTop = (stream) => fromStart(stream) < fromEnd(stream)

export function toEnd(stream) {
  stream.scrollTop = 0
}

export function toMiddle(stream, row) {
  const { top, height } = row.getBoundingClientRect()
  const window = stream.getBoundingClientRect()
  // The beginning of a row that is higher than the window.
  stream.scrollTop += top - window.top - Math.max(0, (window.height - height) / 2)
}

/** Change what is in the stream without moving the first row one can see. */
export function holding(stream, list, change) {
  const row = firstVisible(stream, list)
  const top = row?.getBoundingClientRect().top
  change()
  if (!row?.isConnected) return
  const moved = row.getBoundingClientRect().top - top
  // What comes above moves nothing. A write, even of what is there already, would stop a fling.
  if (Math.abs(moved) >= 1) stream.scrollTop += moved
}

/** Found by halving: the rows stand in order, and asking each of them where it is takes time. */
function firstVisible(stream, list) {
  const edge = stream.getBoundingClientRect().top
  const rows = list.children
  let from = 0
  let to = rows.length
  while (from < to) {
    const middle = (from + to) >> 1
    if (rows[middle].getBoundingClientRect().bottom > edge) to = middle
    else from = middle + 1
  }
  const found = rows[from]
  return found?.matches(".message") === false ? found.nextElementSibling : found // a day line may go
}
