/* Mounts every [data-mount="x"] with mount() of mounts/x.js. */

import "./zone.js"

mountAll()

async function mountAll() {
  for (const element of document.querySelectorAll("[data-mount]")) {
    start(element)
    await breathe()
  }
}

async function start(element) {
  try {
    const { mount } = await import(`./mounts/${element.dataset.mount}.js`)
    mount(element)
  } catch (error) {
    // A network that went away while the page was coming leaves it half alive until it is loaded again.
    addEventListener("online", () => location.reload())
    throw error
  }
}

/** Let the browser draw and hear keys in between. */
function breathe() {
  return globalThis.scheduler?.yield?.() ?? new Promise((resolve) => setTimeout(resolve))
}
