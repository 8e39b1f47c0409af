/* localStorage that never throws: when it is full or forbidden, the page remembers by itself. */

const here = new Map()

export function read(key) {
  if (here.has(key)) return here.get(key)
  try {
    return JSON.parse(localStorage.getItem(key))
  } catch {
    return null
  }
}

export function write(key, value) {
  try {
    localStorage.setItem(key, JSON.stringify(value))
    here.delete(key)
  } catch {
    here.set(key, value)
  }
}

export function forget(key) {
  here.delete(key)
  try {
    localStorage.removeItem(key)
  } catch {
    // Forbidden storage holds nothing to forget.
  }
}

export function keys(prefix) {
  let kept = []
  try {
    kept = Object.keys(localStorage)
  } catch {
    // As above.
  }
  return [...new Set([...kept, ...here.keys()])].filter((key) => key.startsWith(prefix))
}
