/* What can be done with a message. Each feature registers its own; the toolbar, the menu and the keys
 * offer what fits the row.
 */

const actions = []

/** `{ name, label, icon, order, key, isInToolbar, isQuick, isAlert, fits(row), run(row, anchor) }`
 *
 * `label` is words or `(row) => words`; `glyph` is shown in place of an icon. `order` says where it stands,
 * `key` is pressed on a focused row. What is quick stands together at the top of the menu. `anchor` is what
 * was pressed, for what opens beside it. `row` may have been replaced by the time the next event comes: keep its data, not the element.
 */
export function register(action) {
  actions.push(action)
  actions.sort((one, other) => one.order - other.order)
}

export const actionsFor = (row) => actions.filter((action) => action.fits(row))

export const labelOf = ({ label }, row) => (typeof label === "function" ? label(row) : label)

export function actionOfKey(row, key) {
  return actionsFor(row).find((action) => action.key?.toLowerCase() === key.toLowerCase())
}

/** Whether somebody said this, and it still stands: not a quiet line, not on its way, not deleted. */
export const isSaid = (row) => Boolean(row.dataset.messageId) && !("kind" in row.dataset || "deleted" in row.dataset)

/** Whether it can still be answered or changed: in an archived room nothing can. */
export const isOpen = (row) => isSaid(row) && !document.querySelector("[data-archived]")

export const isKept = (row) => Boolean(row.dataset.messageId) && !("kind" in row.dataset)
