/* The reader's time zone, so that the next page has its days right before any script runs, and so that
 * others see what time it is here.
 */

import { post } from "./http.js"

const A_YEAR = 365 * 86_400
const isSecure = location.protocol === "https:"

// Later: to ask for a zone, and to write a cookie, takes longer than all else on a new page.
addEventListener("load", () => setTimeout(tell))

function tell() {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone
  if (!zone) return
  document.cookie = `${isSecure ? "__Host-" : ""}zone=${zone}; path=/; max-age=${A_YEAR}; samesite=lax${isSecure ? "; secure" : ""}`
  const known = document.body.dataset.zone // of whoever is signed in
  if (known !== undefined && known !== zone) post("/profile/zone", { zone })
}
