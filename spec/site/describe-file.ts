/**
 * Files of cases in words: text as it is, archives as a list, other files as bytes.
 * @module
 */

import { type Html, html } from './html.ts';

const BLOCK = 512;
/** How much of a file a page shows. */
const TEXT_MAX = 20_000;
const BYTES_MAX = 512;
const ENTRIES_MAX = 200;

/** The content of a file for people. */
export function describeFile(name: string, bytes: Uint8Array): Html {
  if (bytes.length === 0) return html`<p>An empty file.</p>`;
  if (isTar(bytes)) return listing(bytes);
  if (isText(bytes)) return textOf(bytes);
  return html`${bytes.length > BYTES_MAX ? html`<p>The first ${BYTES_MAX} bytes of ${name}:</p>` : html``}${hexDump(bytes.subarray(0, BYTES_MAX))}`;
}

/** `bytes` in rows of 16, with their offsets. */
export function hexDump(bytes: Uint8Array): Html {
  const rows: string[] = [];
  for (let at = 0; at < bytes.length; at += 16) {
    const row = [...bytes.subarray(at, at + 16)];
    const digits = row.map(byte => byte.toString(16).padStart(2, '0')).join(' ');
    const signs = row.map(byte => (byte > 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.')).join('');
    rows.push(`${at.toString(16).padStart(8, '0')}  ${digits.padEnd(47)}  ${signs}`);
  }
  return html`<pre tabindex="0"><code>${rows.join('\n')}</code></pre>`;
}

function isText(bytes: Uint8Array): boolean {
  return bytes.every(byte => (byte >= 0x20 && byte < 0x7f) || byte === 0x0a || byte === 0x09);
}

function textOf(bytes: Uint8Array): Html {
  const text = Buffer.from(bytes).toString('latin1');
  const more =
    text.length > TEXT_MAX ? html`<p>${text.length - TEXT_MAX} further bytes are not shown.</p>` : html``;
  return html`<pre tabindex="0"><code>${text.slice(0, TEXT_MAX)}</code></pre>${more}`;
}

function isTar(bytes: Uint8Array): boolean {
  return bytes.length >= BLOCK && Buffer.from(bytes.subarray(257, 262)).toString('latin1') === 'ustar';
}

/** The headers of an archive, defective ones as well: nothing is checked. */
function listing(bytes: Uint8Array): Html {
  const rows: Html[] = [];
  for (let at = 0; at + BLOCK <= bytes.length && rows.length < ENTRIES_MAX; ) {
    const header = bytes.subarray(at, at + BLOCK);
    if (header.every(byte => byte === 0)) {
      rows.push(html`<tr><td>${at}</td><td>block of zeros</td><td></td><td></td><td></td></tr>\n`);
      at += BLOCK;
      continue;
    }
    const size = Number.parseInt(field(header, 124, 12), 8);
    const length = Number.isSafeInteger(size) && size >= 0 ? size : 0;
    const content = bytes.subarray(at + BLOCK, at + BLOCK + length);
    const type = String.fromCharCode(header[156] ?? 0);
    rows.push(
      html`<tr><td>${at}</td><td><code>${type === '\0' ? 'NUL' : type}</code> ${typeNames[type] ?? 'other type'}</td><td><code>${field(header, 0, 100)}</code></td><td><code>${field(header, 157, 100)}</code></td><td>${excerpt(content)}</td></tr>\n`,
    );
    at += BLOCK + Math.ceil(length / BLOCK) * BLOCK;
  }
  return html`<div class="scroll" tabindex="0" role="group" aria-label="entries"><table>
<thead><tr><th>at</th><th>type</th><th>name</th><th>link</th><th>content</th></tr></thead>
<tbody>${rows}</tbody></table></div>`;
}

const typeNames: Readonly<Record<string, string>> = {
  '\0': 'file',
  '0': 'file',
  '1': 'hard link',
  '2': 'symbolic link',
  '3': 'character device',
  '4': 'block device',
  '5': 'directory',
  '6': 'fifo',
  '7': 'file',
  g: 'global extended header',
  K: 'long link',
  L: 'long name',
  S: 'sparse file',
  x: 'extended header',
};

function field(header: Uint8Array, at: number, size: number): string {
  const text = Buffer.from(header.subarray(at, at + size)).toString('latin1');
  return printable(text.split('\0')[0] ?? '');
}

function printable(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, sign => `\\x${sign.charCodeAt(0).toString(16).padStart(2, '0')}`);
}

function excerpt(content: Uint8Array): string {
  const text = printable(Buffer.from(content.subarray(0, 80)).toString('latin1'));
  return content.length > 80 ? `${text}… (${content.length} bytes)` : text;
}
