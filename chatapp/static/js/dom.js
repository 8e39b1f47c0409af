/* The few things of the page that many modules use. */

export const me = document.body.dataset.username ?? ""

export function csrfToken() {
  return document.querySelector("meta[name=csrf-token]").content
}

/** Tell the page something; whoever cares listens on the document. */
export function fire(element, name, detail) {
  element.dispatchEvent(new CustomEvent(name, { bubbles: true, detail }))
}

export function hear(name, handler) {
  document.addEventListener(name, (event) => handler(event.detail ?? {}))
}

export function make(tag, className, text = "") {
  const element = document.createElement(tag)
  if (className) element.className = className
  element.textContent = text
  return element
}

export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg")
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use")
  svg.setAttribute("class", "icon")
  svg.setAttribute("aria-hidden", "true")
  use.setAttribute("href", `#icon-${name}`)
  svg.append(use)
  return svg
}

/** The part of a fresh page that stands for a mounted part of the open room; null where the page has none. */
export function sameIn(page, { dataset: { mount, roomId } }) {
  return page.querySelector(`[data-mount=${mount}][data-room-id="${CSS.escape(roomId)}"]`)
}

/** Put fresh children in. The focus stays with the one that is the same by `attribute`: on its part `within`. */
export function replaceIn(list, fresh, attribute, within) {
  const focused = list.contains(document.activeElement) ? document.activeElement.closest(`[${attribute}]`) : null
  const id = focused?.getAttribute(attribute)
  list.replaceChildren(...fresh)
  if (id) list.querySelector(`[${attribute}="${CSS.escape(id)}"] ${within}`)?.focus()
}

/** Have a screen reader say it when it is done with what it is saying. */
export function announce(sentence) {
  document.querySelector("[data-announce]").textContent = sentence
}

export function counted(number, one, many = `${one}s`) {
  return `${number} ${number === 1 ? one : many}`
}

// Not crypto.randomUUID: it is missing on plain http, where many self-hosted chats live.
export function uuid() {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  bytes[6] = (bytes[6] & 0x0f) | 0x40
  bytes[8] = (bytes[8] & 0x3f) | 0x80
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-")
}
