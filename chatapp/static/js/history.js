/* Which part of a room's history is in the page, and how it grows.
 *
 * The rows from `first` to `tail` are there without a gap. `head` is the newest message known to
 * exist. While attached, the part ends at the present and news are put at its end; when rows at
 * the bottom were trimmed, it is detached until the reader has scrolled back to the present.
 */

import { fetchRows } from "./http.js"
import { bring, follow, quotesAreBehind } from "./quotes.js"
import { changesOf, clear, firstPlaced, lastPlaced, place, rowOfMessage, rowOfSeq, seqOf, trimBottom, trimTop } from "./rows.js"

const PAGE = 40
const CATCH_UP_PAGE = 100 // with 300 rows there, no more than 400 at any moment
const TOO_FAR = 400
const MAX_CHANGED = 200 // with so many there may be more

const seqOrNone = (row) => (row ? seqOf(row) : 0)

export class History {
  /** `change(work)` runs what alters the list, keeping the reader's place; `isNearTop()` says where that is. */
  constructor({ roomId, list, head, mark, change, isNearTop }) {
    Object.assign(this, { roomId, list, head, mark, change, isNearTop })
    this.tail = this.#lastSeq()
    this.head = Math.max(head, this.tail)
    this.isAttached = this.tail === this.head
  }

  get first() {
    return seqOrNone(firstPlaced(this.list))
  }

  get hasEarlier() {
    return this.first > 1
  }

  get hasGap() {
    return this.isAttached && this.tail < this.head
  }

  heard(seq) {
    this.head = Math.max(this.head, seq)
  }

  /** Show a row that was told live. False when it must wait, because older ones are missing. */
  show(row) {
    this.heard(seqOf(row))
    if (!this.isAttached) return false
    this.#put([row])
    return this.tail === this.head
  }

  async earlier() {
    const { rows } = await this.#fetch({ before: this.first, limit: PAGE })
    // Backwards, so that each goes straight to the top.
    this.#put(rows.reverse())
  }

  async later() {
    const { rows } = await this.#fetch({ after: this.tail, limit: PAGE })
    this.#put(rows)
    this.isAttached ||= this.tail >= this.head
  }

  /** Fetch whatever the page has missed. `mayReset` when nobody is reading what would be dropped. */
  async catchUp(mayReset) {
    if (!this.isAttached) return void (await this.#missed(this.head, 1))
    do {
      const rows = await this.#missed(this.tail, CATCH_UP_PAGE)
      // Nothing after the tail, whatever was told: that ends the asking.
      if (rows.length === 0) return void (this.head = this.tail)
      if (this.head - this.tail > TOO_FAR && mayReset()) return this.newest()
      this.#put(rows)
    } while (this.hasGap)
  }

  /** Whether what is here of this message has changed less often than `changes` says. */
  isBehind(messageId, changes) {
    const row = rowOfMessage(this.list, messageId)
    return (row !== null && changesOf(row) < changes) || quotesAreBehind(this.list, messageId, changes)
  }

  /** What follows on `after`, once what changed up to there is renewed. */
  async #missed(after, limit) {
    const { rows, mark } = await this.#fetch({ after, limit, changed_since: this.mark })
    const known = rows.filter((row) => seqOf(row) <= after)
    if (known.length < MAX_CHANGED) this.#renew(known)
    else await this.#renewAll()
    this.mark = mark
    return rows.filter((row) => seqOf(row) > after)
  }

  async #renewAll() {
    for (let after = this.first - 1; after < this.tail; ) {
      const { rows } = await this.#fetch({ after, limit: CATCH_UP_PAGE })
      if (rows.length === 0) return
      this.#renew(rows)
      after = seqOf(rows.at(-1))
    }
  }

  #renew(rows) {
    if (rows.length) this.change(() => rows.forEach((row) => bring(this.list, row)))
  }

  newest() {
    return this.#replaceBy({ limit: PAGE })
  }

  /** Show the part with this message in its middle; the rows in between are left out. */
  around(seq) {
    return this.#replaceBy({ around: seq, limit: PAGE })
  }

  async #replaceBy(query) {
    const { rows } = await this.#fetch(query)
    this.change(() => {
      clear(this.list)
      this.#place(rows)
      this.tail = this.#lastSeq()
      this.isAttached = !query.around || this.tail >= this.head
    })
  }

  #put(rows) {
    this.change(() => {
      this.#place(rows)
      this.#growTail(rows)
      this.#trim()
    })
  }

  #place(rows) {
    for (const row of rows) place(this.list, row)
    for (const row of rows) follow(this.list, row)
  }

  #growTail(rows) {
    const told = new Set(rows.map(seqOf))
    if (this.tail === 0 && rows.length) this.tail = Math.min(...told) - 1
    // A row filled in from an acknowledgement lacks what only the server renders; it does not count.
    for (let row; (row = rowOfSeq(this.list, this.tail + 1)) && !row.hasAttribute("data-from-ack"); ) this.tail += 1
  }

  #trim() {
    if (!this.isNearTop()) return trimTop(this.list)
    trimBottom(this.list)
    const last = this.#lastSeq()
    if (last >= this.tail) return
    this.tail = last
    this.isAttached = false
  }

  #lastSeq() {
    return seqOrNone(lastPlaced(this.list))
  }

  async #fetch(query) {
    const answer = await fetchRows(this.roomId, query)
    this.heard(answer.head || 0)
    return answer
  }
}
