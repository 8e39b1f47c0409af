/* What a row looks like to this reader: local times, grouping, day lines, "mine". */

import { allRows, isQuiet } from "./rows.js"
import { make, me } from "./dom.js"
import { clockTime, dayName, fullTime, marginTime, startOfDay } from "./time.js"

const GROUP_MS = 5 * 60_000
const known = new WeakMap()

/** Bring the whole list into shape. Cheap to repeat: a row that is right is left alone. */
export function dress(list, now = new Date()) {
  let before = null
  let line = null
  const days = new Map([...list.querySelectorAll(":scope > .day")].map((day) => [Number(day.dataset.day), day]))
  for (const row of allRows(list)) {
    const { time, day } = factsOf(row)
    const isNewDay = day !== (before && factsOf(before).day)
    if (isNewDay) {
      line = days.get(day) ?? newLine(day)
      days.delete(day)
      if (line.nextElementSibling !== row) row.before(line)
      label(line, dayName(new Date(day), now))
    }
    if (!isQuiet(row)) continueGroup(row, !isNewDay && continues(row, before) && Math.abs(time - factsOf(before).time) < GROUP_MS)
    before = row
  }
  for (const left of days.values()) left.remove()
  keepOneTabStop(list)
}

const continues = (row, before) => row.dataset.sender === before.dataset.sender && !isQuiet(before) && !("answers" in row.dataset)

function factsOf(row) {
  const facts = known.get(row)
  if (facts?.createdAt === row.dataset.createdAt) return facts
  const date = new Date(row.dataset.createdAt)
  const fresh = { createdAt: row.dataset.createdAt, time: date.getTime(), day: startOfDay(date).getTime() }
  known.set(row, fresh)
  row.classList.toggle("message--mine", row.dataset.sender === me)
  for (const element of row.querySelectorAll("time")) {
    element.dateTime = date.toISOString()
    element.textContent = element.matches(".message__margin-time") ? marginTime(date) : clockTime(date)
    element.title = fullTime(date)
  }
  return fresh
}

function newLine(day) {
  const line = make("li", "day")
  line.dataset.day = day
  line.append(make("h2", "day__name"))
  return line
}

function label(line, name) {
  const heading = line.firstElementChild
  if (heading.textContent !== name) heading.textContent = name
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
