/* What a row looks like to this reader: local times, grouping, day lines, "mine". */

import { allRows, isQuiet } from "./rows.js"
import { make, me } from "./dom.js"
import { showMine } from "./reactions.js"
import { markSaved } from "./saves.js"
import { clockTime, dayName, fullTime, marginTime, startOfDay } from "./time.js"

const GROUP_MS = 5 * 60_000
const WATCHED = { childList: true, subtree: true, attributeFilter: ["data-created-at"] }
const known = new WeakMap()

/** Keeps a list in shape. Only what has changed is looked at, however long the list is. */
export class Dresser {
  #list
  #watch = new MutationObserver((records) => this.#dress(records))

  constructor(list) {
    this.#list = list
    this.all()
    this.#watch.observe(list, WATCHED)
  }

  /** "Today" does not stay true. */
  all() {
    this.#each(allRows(this.#list))
  }

  /** At once, for whoever is about to measure. */
  changed() {
    this.#dress(this.#watch.takeRecords())
  }

  #dress(records) {
    if (records.length) this.#each(touched(this.#list, records))
  }

  #each(rows) {
    const now = new Date()
    for (const row of rows) dress(row, now)
    dropLast(this.#list)
    keepOneTabStop(this.#list)
    this.#watch.takeRecords() // our own doing
  }
}

/** The rows that are new, whose time is another, or above which something came or went. */
function touched(list, records) {
  const rows = new Set()
  for (const { type, target, addedNodes, nextSibling } of records) {
    if (type === "attributes") rows.add(target).add(rowAfter(target))
    else if (target === list) for (const node of [...addedNodes, nextSibling]) rows.add(node).add(node && rowAfter(node))
  }
  return [...rows].filter((node) => node?.parentElement === list && isRow(node))
}

/** A row, by what stands above it. */
function dress(row, now) {
  const { time, day } = factsOf(row)
  const before = rowBefore(row)
  const isNewDay = !before || factsOf(before).day !== day
  keepLine(row, isNewDay && dayName(new Date(day), now))
  continueGroup(row, !isNewDay && continues(row, before) && Math.abs(time - factsOf(before).time) < GROUP_MS)
}

/** By what they are; the rule stands in web/dress.py too. */
function continues(row, before) {
  const isPlain = !isQuiet(row) && !isQuiet(before) && !("answers" in row.dataset)
  return isPlain && row.dataset.sender === before.dataset.sender
}

/** One line above a row where a day begins, and none elsewhere. */
function keepLine(row, name) {
  const lines = linesAbove(row)
  const line = name ? lines.shift() ?? newLine(row) : null
  for (const left of lines) left.remove()
  if (line && line.firstElementChild.textContent !== name) line.firstElementChild.textContent = name
}

function linesAbove(row) {
  const lines = []
  for (let line = row.previousElementSibling; line && !isRow(line); line = line.previousElementSibling) lines.push(line)
  return lines
}

function newLine(row) {
  const line = make("li", "day")
  line.append(make("h2", "day__name"))
  row.before(line)
  return line
}

/** A line whose rows are gone. */
function dropLast(list) {
  while (list.lastElementChild && !isRow(list.lastElementChild)) list.lastElementChild.remove()
}

const isRow = (node) => node.nodeType === Node.ELEMENT_NODE && node.classList.contains("message")

function rowBefore(row) {
  let before = row.previousElementSibling
  while (before && !isRow(before)) before = before.previousElementSibling
  return before
}

function rowAfter(node) {
  let after = node.nextSibling
  while (after && !isRow(after)) after = after.nextSibling
  return after
}

function factsOf(row) {
  const facts = known.get(row)
  if (facts?.createdAt === row.dataset.createdAt) return facts
  const date = new Date(row.dataset.createdAt)
  const fresh = { createdAt: row.dataset.createdAt, time: date.getTime(), day: startOfDay(date).getTime() }
  known.set(row, fresh)
  row.classList.toggle("message--mine", row.dataset.sender === me)
  showMine(row)
  markSaved(row)
  for (const element of row.querySelectorAll("time")) {
    element.dateTime = date.toISOString()
    element.textContent = element.matches(".message__margin-time") ? marginTime(date) : clockTime(date)
    element.title = fullTime(date)
  }
  return fresh
}

/** A continued row keeps its author and time as hidden text, but is no heading. */
function continueGroup(row, isContinued) {
  if (row.classList.contains("message--continued") === isContinued) return
  row.classList.toggle("message--continued", isContinued)
  const head = row.querySelector("h3")
  if (isContinued) head.setAttribute("role", "none")
  else head.removeAttribute("role")
}

function keepOneTabStop(list) {
  if (list.querySelector(":scope > .message[tabindex='0']")) return
  const last = list.querySelector(":scope > .message:last-of-type") ?? allRows(list).at(-1)
  if (last) last.tabIndex = 0
}
