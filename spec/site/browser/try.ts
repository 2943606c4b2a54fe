/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
/**
 * The page "Try it": takes a file or text, has the worker compute, and shows the result.
 * @module
 */

import type { Request, Result } from './compute.ts';

/** How many bytes of the tree and of the image are shown. */
const SHOWN = 20_000;
const SHOWN_IMAGE = 4096;

type Message = Result | { readonly kind: 'progress'; readonly step: string; readonly bytes: number };

const element = <T extends HTMLElement>(id: string): T => {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`the page has no ${id}`);
  return found as T;
};

const form = element<HTMLFormElement>('try');
const file = element<HTMLInputElement>('file');
const text = element<HTMLTextAreaElement>('text');
const status = element('status');
const results = element('results');
let worker: Worker | undefined;

function run(input: Blob): void {
  worker?.terminate();
  worker = new Worker(new URL('try-worker.js', import.meta.url), { type: 'module' });
  results.hidden = true;
  status.textContent = 'Computing…';
  const choice = (name: string) => new FormData(form).get(name) as string;
  worker.addEventListener('message', ({ data }: MessageEvent<Message>) => void show(data));
  worker.addEventListener('error', ({ message }) => {
    status.textContent = `This should not happen: ${message}`;
  });
  const request = { input, algorithm: choice('algorithm'), format: choice('format'), role: choice('role') };
  worker.postMessage(request as Request);
}

async function show(message: Message): Promise<void> {
  if (message.kind === 'progress') {
    status.textContent = `${message.step}: ${message.bytes.toLocaleString('en')} bytes`;
    return;
  }
  if (message.kind === 'rejected') {
    status.replaceChildren('Rejected with ', link(message.code), `: ${message.message}`);
    return;
  }
  status.textContent = `Accepted: ${message.source}.`;
  element('digest').textContent = message.digest;
  element('tree').textContent = await start(message.dumpfile, SHOWN);
  element('image').textContent = hexRows(
    new Uint8Array(await message.image.slice(0, SHOWN_IMAGE).arrayBuffer()),
  );
  download('save-image', message.image);
  download('save-tree', message.dumpfile);
  results.hidden = false;
}

function link(code: string): HTMLAnchorElement {
  const anchor = document.createElement('a');
  anchor.href = `codes.html#${code}`;
  anchor.textContent = code;
  return anchor;
}

function download(id: string, blob: Blob): void {
  const anchor = element<HTMLAnchorElement>(id);
  URL.revokeObjectURL(anchor.href);
  anchor.href = URL.createObjectURL(blob);
}

async function start(blob: Blob, size: number): Promise<string> {
  const shown = await blob.slice(0, size).text();
  return blob.size > size ? `${shown}… (${blob.size} bytes)` : shown;
}

function hexRows(bytes: Uint8Array): string {
  const rows: string[] = [];
  for (let at = 0; at < bytes.length; at += 32) {
    const row = [...bytes.subarray(at, at + 32)].map(byte => byte.toString(16).padStart(2, '0')).join('');
    if (/[^0]/.test(row)) rows.push(`${at.toString(16).padStart(6, '0')}  ${row}`);
  }
  return rows.join('\n');
}

form.addEventListener('submit', event => {
  event.preventDefault();
  const [chosen] = file.files ?? [];
  run(chosen ?? new Blob([text.value.endsWith('\n') ? text.value : `${text.value}\n`]));
});
document.addEventListener('dragover', event => event.preventDefault());
document.addEventListener('drop', event => {
  event.preventDefault();
  const [dropped] = event.dataTransfer?.files ?? [];
  if (dropped !== undefined) run(dropped);
});
file.addEventListener('change', () => {
  const [chosen] = file.files ?? [];
  if (chosen !== undefined) run(chosen);
});
