/* Where a menu stands: wherever it is asked to, and always inside the window. */

const MARGIN_PX = 8

export function putAt({ offsetHeight, offsetWidth, style }, left, top) {
  style.setProperty("--menu-top", `${Math.max(MARGIN_PX, Math.min(top, innerHeight - offsetHeight - MARGIN_PX))}px`)
  style.setProperty("--menu-left", `${Math.max(MARGIN_PX, Math.min(left, innerWidth - offsetWidth - MARGIN_PX))}px`)
}
