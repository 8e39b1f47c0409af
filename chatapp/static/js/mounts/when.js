/* A moment of the past as the reader's clock has it: "today at 14:05". */

import { clockTime, dayName, fullTime } from "../time.js"

export function mount(time) {
  const date = new Date(time.dateTime)
  time.textContent = `${dayName(date, new Date()).replace(/^(Today|Yesterday)$/, (word) => word.toLowerCase())} at ${clockTime(date)}`
  time.title = fullTime(date)
}
