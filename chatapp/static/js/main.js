/* Mounts every [data-mount="x"] with mount() of mounts/x.js. */

for (const element of document.querySelectorAll("[data-mount]")) start(element)

async function start(element) {
  const { mount } = await import(`./mounts/${element.dataset.mount}.js`)
  mount(element)
}
