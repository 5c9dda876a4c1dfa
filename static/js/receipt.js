// @ts-check
/**
 * Receipts of award ballots, made in the voter's browser from its own chance: r is 16 random bytes, the
 * receipt is published with the ballot, the salt hides the ballot's leaf until the reveal. The same as
 * voting/record/receipt.py makes. A plain-http page has no crypto.subtle, hence the library.
 */

import { sha256 } from '../vendor/noble/sha2.js';

const LETTERS = 'abcdefghijklmnopqrstuvwxyz234567';
const RECEIPT_LENGTH = 12;

/** @typedef {{r: string, receipt: string, salt: string}} Receipt */

/** @param {string} text */
const digest = (text) => sha256(new TextEncoder().encode(text));

/** @param {Uint8Array} bytes */
const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');

/** Base32 by RFC 4648, lower case, without padding. @param {Uint8Array} bytes */
export function base32(bytes) {
  let text = '';
  let bits = 0;
  let held = 0;
  for (const byte of bytes) {
    held = (held << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += LETTERS[(held >> bits) & 31];
      held &= (1 << bits) - 1;
    }
  }
  return bits ? text + LETTERS[(held << (5 - bits)) & 31] : text;
}

/** 128 random bits as 32 hexadecimal digits. */
export const newR = () => hex(crypto.getRandomValues(new Uint8Array(16)));

/**
 * The receipt and salt of r; `word` is what the voter typed, if anything.
 * @param {string} award @param {string} round @param {string} r @param {string} [word]
 * @returns {Receipt}
 */
export function makeReceipt(award, round, r, word = '') {
  if (!/^[0-9a-f]{32}$/.test(r)) throw new Error('r is 16 bytes as 32 lower-case hexadecimal digits');
  const said = trim(word.normalize('NFC'));
  return {
    r,
    receipt: base32(digest(`rcpt|${award}|${round}|${r}|${said}`)).slice(0, RECEIPT_LENGTH),
    salt: hex(digest(`salt|${r}`)).slice(0, 32),
  };
}

/** A fresh receipt. @param {string} award @param {string} round @param {string} [word] */
export const newReceipt = (award, round, word) => makeReceipt(award, round, newR(), word);

/** The receipt in groups of four, as people read it. @param {string} receipt */
export const showReceipt = (receipt) => receipt.replace(/(.{4})(?=.)/g, '$1-');

/**
 * Without the spaces at both ends that Unicode calls white space: the browser's own trim() also takes
 * U+FEFF, and leaves U+0085 and U+001C to U+001F, so that it would differ from Python's strip().
 * @param {string} text
 */
function trim(text) {
  const space = '[\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]+';
  return text.replace(new RegExp(`^${space}|${space}$`, 'g'), '');
}
