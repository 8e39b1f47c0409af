/* Where one is in the conversation, and how to stay there. */

import { allRows } from "./rows.js"

const END_PX = 100

export const fromEnd = (stream) => stream.scrollHeight - stream.scrollTop - stream.clientHeight

export const isAtEnd = (stream) => fromEnd(stream) <= END_PX

export function toEnd(stream) {
  stream.scrollTop = stream.scrollHeight
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
  if (row?.isConnected) stream.scrollTop += row.getBoundingClientRect().top - top
}

function firstVisible(stream, list) {
  const edge = stream.getBoundingClientRect().top
  return allRows(list).find((row) => row.getBoundingClientRect().bottom > edge)
}

/** Which end of the document is farther from the reader. */
export function isNearTop(stream) {
  return stream.scrollTop + stream.clientHeight / 2 < stream.scrollHeight / 2
}
