/* What people change of themselves in one place shows in all pages: names for everybody, preferences for me. */

import { hear, me } from "../dom.js"
import { rename } from "../names.js"
import { wear, wearLike } from "../preferences.js"
import { parseRows } from "../rows.js"
import { told } from "../socket.js"

export function mount() {
  told("preferences_changed", ({ preferences }) => wear(preferences))
  told("profile_changed", ({ person: { username, display_name }, avatar }) => {
    rename({ username, displayName: display_name, avatar: parseRows(avatar)[0] })
  })
  hear("page:fresh", ({ page }) => {
    wearLike(page)
    for (const person of peopleOf(page)) rename(person)
  })
}

/** Those that a page shows by name: what was told while nobody listened is there. */
function peopleOf(page) {
  const others = [...page.querySelectorAll(".member[data-username]")].map(({ dataset: { username, displayName } }) => ({ username, displayName }))
  const mine = { username: me, displayName: page.body.dataset.displayName }
  const avatarOf = (username) => page.querySelector(username === me ? ".me > .avatar" : `.member[data-username="${CSS.escape(username)}"] .avatar`)
  return [mine, ...others.filter(({ username }) => username !== me)].map((person) => ({ ...person, avatar: avatarOf(person.username) }))
}
