/* A long press on a touch screen. Where something of its own is pressed, a link or a button, it is not ours. */

const LONG_MS = 500
const STILL_PX = 10
const PRESSED = "pressed"
const OWN = "a, button, input, pre, .table"

export function longPress(selector, act) {
  let timer
  let began
  let pressed
  let isTouch = false

  document.addEventListener("pointerdown", (event) => {
    isTouch = event.pointerType === "touch"
    forget()
    const found = event.target.closest(selector)
    if (!isTouch || !event.isPrimary || !found || event.target.closest(OWN)) return
    began = event
    timer = setTimeout(() => {
      pressed = found
      pressed.classList.add(PRESSED)
      navigator.vibrate?.(10)
    }, LONG_MS)
  })
  document.addEventListener("pointermove", ({ clientX, clientY }) => {
    if (began && Math.hypot(clientX - began.clientX, clientY - began.clientY) > STILL_PX) forget()
  }, { passive: true })
  document.addEventListener("pointerup", () => {
    const found = pressed
    forget()
    if (!found) return
    // Lifting the finger is no click on the row, and closes no menu that is not there yet.
    found.addEventListener("click", stop, { capture: true })
    setTimeout(() => act(found))
    setTimeout(() => found.removeEventListener("click", stop, { capture: true }), LONG_MS)
  })
  document.addEventListener("pointercancel", forget)
  // Scrolling begins without a move of the pointer in some browsers.
  document.addEventListener("scroll", forget, { capture: true, passive: true })
  document.addEventListener("contextmenu", (event) => {
    if (isTouch && event.target.closest(selector) && !event.target.closest(OWN)) event.preventDefault()
  })

  function forget() {
    clearTimeout(timer)
    pressed?.classList.remove(PRESSED)
    began = pressed = undefined
  }
}

function stop(event) {
  event.preventDefault()
  event.stopPropagation()
}
