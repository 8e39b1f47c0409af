/* Before the first paint: the rows as this reader sees them, from the end. Otherwise the page would jump once. */

import { dress } from "./dress.js"
import { toEnd } from "./scroll.js"

dress(document.querySelector("[data-rows]"))
toEnd(document.querySelector("[data-stream]"))
