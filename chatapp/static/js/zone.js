/* The reader's time zone, so that the next page has its days right before any script runs. */

const A_YEAR = 365 * 86_400
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone
const isSecure = location.protocol === "https:"

if (zone) document.cookie = `${isSecure ? "__Host-" : ""}zone=${zone}; path=/; max-age=${A_YEAR}; samesite=lax${isSecure ? "; secure" : ""}`
