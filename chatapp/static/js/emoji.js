/* Emoji found by words, and in a skin tone. Nothing of the page is touched here. */

const ZWJ = "\u200d"
const STYLE = "\ufe0f"
const MODIFIERS = ["", "\u{1f3fb}", "\u{1f3fc}", "\u{1f3fd}", "\u{1f3fe}", "\u{1f3ff}"]
const PEOPLE = ["\u{1f468}", "\u{1f469}", "\u{1f9d1}"]

/** What an emoji has in common with itself in a skin tone. */
export const plain = (emoji) => emoji.replace(/[\ufe0f\u{1f3fb}-\u{1f3ff}]/gu, "")

/** The emoji in a skin tone, 0 for none: the first of its pictures, and a second person beside them. */
export function toned({ emoji, tones }, tone) {
  const modifier = MODIFIERS[tone]
  if (!tones || !modifier) return emoji
  const parts = emoji.split(ZWJ)
  const isOfTwo = parts.length > 2 && PEOPLE.includes(parts.at(-1))
  return parts.map((part, number) => (number === 0 || (isOfTwo && number === parts.length - 1) ? inTone(part, modifier) : part)).join(ZWJ)
}

function inTone(part, modifier) {
  const [first, ...rest] = part
  return first + modifier + rest.filter((one) => one !== STYLE).join("")
}

/** Those that every typed word begins a word of: by their name first, then by what else they are called. */
export function bySearch(all, typed) {
  const wanted = typed.toLowerCase().split(/[\s_:]+/).filter(Boolean)
  if (wanted.length === 0) return all.filter(({ emoji }) => emoji === typed)
  return all
    .map((one) => ({ one, rank: rankOf(one, wanted, typed) }))
    .filter(({ rank }) => rank !== null)
    .sort((a, b) => a.rank - b.rank)
    .map(({ one }) => one)
}

function rankOf({ emoji, name, words }, wanted, typed) {
  if (emoji === typed || name === typed.toLowerCase()) return 0
  if (wanted.every((word) => begins(name, word))) return name.startsWith(wanted[0]) ? 1 : 2
  return wanted.every((word) => begins(`${name} ${words}`, word)) ? 3 : null
}

const begins = (words, word) => words.startsWith(word) || words.includes(` ${word}`)
