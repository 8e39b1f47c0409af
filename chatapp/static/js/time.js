/* Times as the reader's clock and habits have them. Pure: date in, words out. */

const clock = new Intl.DateTimeFormat(undefined, { timeStyle: "short" })
const moment = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "short" })
const weekday = new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long" })
const longDate = new Intl.DateTimeFormat(undefined, { dateStyle: "long" })

const DAY_MS = 86_400_000
const WEEK_DAYS = 7

export const clockTime = (date) => clock.format(date)

/** Without "AM" or "PM": the margin beside a message is narrow. */
export function marginTime(date) {
  const parts = clock.formatToParts(date).filter(({ type }) => type !== "dayPeriod")
  return parts.map(({ value }) => value).join("").trim()
}

export const fullTime = (date) => moment.format(date)

export function startOfDay(date) {
  return new Date(date.getFullYear(), date.getMonth(), date.getDate())
}

/** When something ends: "11:30", "the end of today", "Friday, November 27, 11:30". */
export function endName(end, now) {
  const isDaysEnd = end.getTime() === startOfDay(end).getTime()
  const day = startOfDay(isDaysEnd ? new Date(end - 1) : end)
  const isToday = day.getTime() === startOfDay(now).getTime()
  if (isDaysEnd) return `the end of ${isToday ? "today" : weekday.format(day)}`
  return isToday ? clockTime(end) : `${weekday.format(end)}, ${clockTime(end)}`
}

export function dayName(date, now) {
  // Rounded, because two days of a year are 23 and 25 hours long.
  const daysAgo = Math.round((startOfDay(now) - startOfDay(date)) / DAY_MS)
  if (daysAgo === 0) return "Today"
  if (daysAgo === 1) return "Yesterday"
  return (daysAgo > 1 && daysAgo < WEEK_DAYS ? weekday : longDate).format(date)
}
