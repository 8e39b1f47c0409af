/* The emoji picker, which comes when it is first asked for. */

import { announce } from "./dom.js"

const AWAY = "The emoji could not be loaded. Try again when you are connected."

/** Let somebody pick an emoji, beside `anchor`. `picked(emoji)` may never be called. `back()` puts the
 * focus where it belongs, when one was picked or nothing else has it; `failed(sentence)` says why there is none.
 */
export async function pick(options) {
  try {
    const { open } = await import("./picker.js")
    await open(options)
  } catch {
    announce(AWAY)
    options.failed?.(AWAY)
  }
}
