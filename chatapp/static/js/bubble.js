/* A few words beside something, for as long as it is looked at. */

const GAP_PX = 6
const MARGIN_PX = 8

export class Bubble {
  #beside
  #timer

  constructor(element) {
    this.element = element
  }

  /** Whether what it stands beside is still there. */
  isBeside(element) {
    return this.#beside === element
  }

  show(beside, words) {
    clearTimeout(this.#timer)
    this.#beside = beside
    this.element.textContent = words
    this.element.showPopover()
    const { left, width, top, bottom } = beside.getBoundingClientRect()
    const { offsetWidth, offsetHeight, style } = this.element
    const above = top - GAP_PX - offsetHeight
    style.setProperty("--menu-top", `${above > MARGIN_PX ? above : bottom + GAP_PX}px`)
    style.setProperty("--menu-left", `${Math.max(MARGIN_PX, Math.min(left + (width - offsetWidth) / 2, innerWidth - offsetWidth - MARGIN_PX))}px`)
  }

  showSoon(beside, words, milliseconds) {
    clearTimeout(this.#timer)
    this.#beside = beside
    this.#timer = setTimeout(() => beside.isConnected && this.show(beside, words()), milliseconds)
  }

  hide() {
    clearTimeout(this.#timer)
    if (!this.#beside) return
    this.#beside = undefined
    this.element.hidePopover()
  }

  hideIn(milliseconds) {
    this.#timer = setTimeout(() => this.hide(), milliseconds)
  }
}
