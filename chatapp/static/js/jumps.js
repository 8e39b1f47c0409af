/* Links to messages of this room lead there without loading the page. */

const SPOT_MS = 2_000

/** `jump(seq)` goes to the message. */
export function jumps(roomId, jump) {
  const path = `/rooms/${roomId}/messages/`

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href]")
    if (!link || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return
    const { origin, pathname } = new URL(link.href)
    const seq = pathname.startsWith(path) && pathname.slice(path.length)
    if (origin !== location.origin || !/^\d+$/.test(seq)) return
    event.preventDefault()
    jump(Number(seq))
  })
}

/** Show which one is meant. */
export function spot(row) {
  row.classList.add("message--spotted")
  setTimeout(() => row.classList.remove("message--spotted"), SPOT_MS)
}
