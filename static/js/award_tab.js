// @ts-check
/** What comes into the tab of an award's voter, stays there, and goes out of it: the code and the receipt. */

/** A code that is remembered as long as the tab lives: it outlives a reload, not the visit. */
export class CodeInTab {
  /** @param {string} path of the award */
  constructor(path) {
    this.name = `hemicycle:code:${path}`;
  }

  get() {
    try {
      return sessionStorage.getItem(this.name) ?? '';
    } catch {
      return '';
    }
  }

  /** @param {string} code */
  set(code) {
    try {
      if (code) sessionStorage.setItem(this.name, code);
      else sessionStorage.removeItem(this.name);
    } catch {
      // A browser that keeps nothing: the code stands in this page.
    }
  }
}

/** What the address brought after its #. */
export function scanned() {
  try {
    return decodeURIComponent(location.hash.slice(1));
  } catch {
    return '';
  }
}

/**
 * Put what an element shows into the clipboard; whether that was possible.
 * @param {string} text @param {HTMLElement} shownBy @returns {Promise<boolean>}
 */
export async function copy(text, shownBy) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // A plain-http page has no clipboard of its own: select the receipt and copy it the old way.
    getSelection()?.selectAllChildren(shownBy);
    return document.execCommand('copy');
  }
}
