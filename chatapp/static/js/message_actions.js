/* What anybody can do with any message, and its sender or an admin with their own. */

import { isKept, isOpen, isSaid, register } from "./actions.js"
import { copyText } from "./clipboard.js"
import { confirm } from "./confirm.js"
import { announce, fire, me } from "./dom.js"
import { sourceOf } from "./http.js"
import { complain } from "./notes.js"
import { roomOf, rowOfMessage } from "./rows.js"
import { ask } from "./socket.js"

/** Ask for something that needs no more than the message; say what is wrong where it is refused. */
export function askAbout(row, event) {
  const asked = { room_id: roomOf(row), message_id: row.dataset.messageId }
  return ask(event, asked).catch(({ message }) => complain(message))
}

const isMine = (row) => row.dataset.sender === me
export const runsTheRoom = () => document.querySelector("[data-mount=members]")?.dataset.manages === "true"

register({
  name: "reply",
  label: "Reply",
  icon: "reply",
  order: 20,
  key: "r",
  isInToolbar: true,
  fits: isOpen,
  run: (row) => fire(row, "message:reply", answered(row)),
})

/** What the composer shows of the message that is answered. */
function answered(row) {
  const text = row.querySelector(".message__text").textContent.trim()
  return { id: row.dataset.messageId, name: row.querySelector(".message__sender").textContent, line: text.split("\n")[0] }
}

register({
  name: "edit",
  label: "Edit message",
  icon: "pen",
  order: 30,
  key: "e",
  isInToolbar: true,
  fits: (row) => isOpen(row) && isMine(row),
  run: (row) => fire(row, "message:edit", { ...row.dataset }),
})

register({
  name: "copy-link",
  label: "Copy link",
  icon: "link",
  order: 40,
  fits: isKept,
  run: async (row) => {
    const link = `${location.origin}/rooms/${roomOf(row)}/messages/${row.dataset.seq}`
    announce((await copyText(link)) ? "Copied" : "This could not be copied")
  },
})

register({
  name: "copy-text",
  label: "Copy text",
  icon: "copy",
  order: 50,
  fits: isSaid,
  run: async (row) => {
    try {
      const text = await sourceOf(roomOf(row), row.dataset.seq)
      announce((await copyText(text)) ? "Copied" : "This could not be copied")
    } catch {
      announce("This could not be copied")
    }
  },
})

register({
  name: "delete",
  label: "Delete message",
  icon: "trash",
  order: 90,
  key: "Delete",
  isAlert: true,
  fits: (row) => isOpen(row) && (isMine(row) || runsTheRoom()),
  run: (row) => askToDelete(row.parentElement, roomOf(row), row.dataset.messageId),
})

function askToDelete(list, room_id, message_id) {
  confirm({
    question: "Delete this message?",
    detail: "Its words go for everybody, with all earlier versions. That a message was here stays. This cannot be undone.",
    yes: "Delete",
    act: () => ask("delete_message", { room_id, message_id }).catch(({ message }) => ({ ok: false, sentence: message })),
    // The row that had the focus is gone; what is in its place takes it.
    closed: () => rowOfMessage(list, message_id)?.focus({ preventScroll: true }),
  })
}

