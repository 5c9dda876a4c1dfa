// @ts-check
/** What was chosen and not sent, by question: it outlives a reload of the tab, if the browser keeps anything. */

export class Drafts {
  /** @param {string} event */
  constructor(event) {
    this.name = `hemicycle:${event}:drafts`;
    /** @type {Map<string, string[]>} */
    this._kept = new Map();
    try {
      this._kept = new Map(JSON.parse(sessionStorage.getItem(this.name) ?? '[]'));
    } catch {
      // A browser that keeps nothing: this page remembers them as long as it stands.
    }
  }

  /** @param {string} key @returns {string[] | undefined} */
  get(key) {
    return this._kept.get(key);
  }

  /** @param {string} key @param {string[]} chosen nothing chosen is no draft */
  set(key, chosen) {
    if (!chosen.length) return this.delete(key);
    this._kept.set(key, chosen);
    this._write();
  }

  /** @param {string} key */
  delete(key) {
    if (this._kept.delete(key)) this._write();
  }

  _write() {
    try {
      sessionStorage.setItem(this.name, JSON.stringify([...this._kept]));
    } catch {
      // As above.
    }
  }
}
