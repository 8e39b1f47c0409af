/* The open room as a whole: its name, topic and kind wherever they stand, and the calm end when one is no longer in it. */

import { fire, hear, me, sameIn } from "../dom.js"
import { told } from "../socket.js"

export function mount(main) {
  const { roomId } = main.dataset
  const notice = main.querySelector("[data-closed]")
  const isClosed = () => !notice.hidden

  fire(main, "room:opened", { room_id: roomId })
  told("room_renamed", ({ room }) => room.id === roomId && rename(room.name))
  told("topic_changed", ({ room_id, topic }) => room_id === roomId && showTopic(topic))
  told("room_kind_changed", ({ room_id, is_open }) => room_id === roomId && showKind(is_open))
  told("room_archived", ({ room_id }) => room_id === roomId && showArchived(true))
  told("room_restored", ({ room_id }) => room_id === roomId && showArchived(false))
  told("member_removed", ({ room_id, username }) => room_id === roomId && username === me && close())
  told("member_added", ({ room, member }) => room.id === roomId && member.username === me && isClosed() && location.reload())
  hear("page:gone", close)
  hear("page:fresh", ({ page }) => {
    const fresh = sameIn(page, main)
    if (!fresh) return
    if (isClosed()) location.reload()
    const name = nameIn(fresh)
    if (name !== nameIn(main)) rename(name)
    showTopic(fresh.querySelector("[data-room-topic]").textContent)
    showArchived(page.querySelector("[data-archived]") !== null)
    showKind(!page.querySelector("[data-when-open]")?.hidden)
  })

  function showTopic(topic) {
    for (const part of document.querySelectorAll("[data-room-topic]")) part.textContent = topic
    main.querySelector("[data-room-topic]").title = topic
    document.querySelector("[data-about]").hidden = !topic
  }

  function showKind(isOpen) {
    for (const part of document.querySelectorAll("[data-when-open]")) part.hidden = !isOpen
    for (const part of document.querySelectorAll("[data-when-closed]")) part.hidden = isOpen
  }

  function showArchived(isArchived) {
    const hadFocus = main.querySelector("[data-mount=composer]").contains(document.activeElement)
    main.parentElement.toggleAttribute("data-archived", isArchived)
    if (isArchived && hadFocus) main.querySelector("[data-archived-note]").focus()
  }

  function rename(name) {
    const title = main.dataset.mark + name
    main.querySelector("h1 [data-room-name]").textContent = name
    for (const title of document.querySelectorAll("[data-room-title]")) title.textContent = title
    main.querySelector("[data-room-placeholder]").placeholder = `Message ${title}`
    document.title = `${title}, ${document.body.dataset.workspace}`
    fire(main, "room:renamed", { name })
  }

  function close() {
    const hadFocus = main.querySelector("[data-mount=composer]").contains(document.activeElement)
    notice.hidden = false
    main.querySelector("[data-archived-note]").hidden = true
    fire(main, "room:closed", { room_id: roomId })
    if (hadFocus) notice.focus()
  }
}

const nameIn = (main) => main.querySelector("h1 [data-room-name]").textContent
