/* What I change in one place shows in all my pages. */

import { hear } from "../dom.js"
import { wear, wearLike } from "../preferences.js"
import { told } from "../socket.js"

export function mount() {
  told("preferences_changed", ({ preferences }) => wear(preferences))
  hear("page:fresh", ({ page }) => wearLike(page))
}
