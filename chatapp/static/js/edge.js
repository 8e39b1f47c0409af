/* The end of what is loaded: a skeleton when it takes long, a way to try again when it failed. */

const SKELETON_AFTER_MS = 300

/** One load at a time; `aroundChange(work)` wraps what alters the page. */
export class Edge {
  #isBusy = false
  #hasFailed = false

  constructor(element, load, aroundChange) {
    this.loading = element.querySelector("[data-loading]")
    this.failed = element.querySelector("[data-failed]")
    this.load = load
    this.aroundChange = aroundChange
    element.querySelector("[data-retry-edge]").addEventListener("click", () => this.again())
  }

  again() {
    this.forgive()
    return this.reached()
  }

  /** Times have changed: the next one to come near may try again. */
  forgive() {
    this.#hasFailed = false
    this.#show(this.failed, false)
  }

  /** Answer whether something was loaded. */
  async reached() {
    if (this.#isBusy || this.#hasFailed) return false
    this.#isBusy = true
    this.#show(this.failed, false)
    const timer = setTimeout(() => this.#show(this.loading, true), SKELETON_AFTER_MS)
    try {
      await this.load()
      return true
    } catch {
      this.#hasFailed = true
      return false
    } finally {
      clearTimeout(timer)
      this.#show(this.loading, false)
      this.#show(this.failed, this.#hasFailed)
      this.#isBusy = false
    }
  }

  #show(part, isShown) {
    if (part.hidden !== isShown) return
    this.aroundChange(() => { part.hidden = !isShown })
  }
}
