/* Before the first paint: the rows as this reader sees them, from the end, or around the message that was asked
 * for. Otherwise the page would jump once.
 */

import { dress } from "./dress.js"
import { rowOfSeq } from "./rows.js"
import { toEnd, toMiddle } from "./scroll.js"

const list = document.querySelector("[data-rows]")
const stream = document.querySelector("[data-stream]")
const { at } = document.querySelector("[data-mount=timeline]").dataset

dress(list)
if (at) toMiddle(stream, rowOfSeq(list, at))
else toEnd(stream)
