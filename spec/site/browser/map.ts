/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
/**
 * The map of an image: point to a byte, or move with the arrow keys, and see its structure, field and requirement.
 * @module
 */

import { fieldAt, type ImageMap, type MapField } from '../../../conformance/suite/image-map.ts';

const ROW = 32;
/** Rows of zeros that are shown before the others are left out. */
const ZERO_ROWS = 2;

const output = document.querySelector<HTMLElement>('#field');
const grid = document.querySelector<HTMLElement>('#bytes');
const pages: Readonly<Record<string, string>> = JSON.parse(
  document.querySelector('#pages')?.textContent ?? '{}',
);

async function start(): Promise<void> {
  const test = location.search.slice(1);
  const title = document.querySelector('h1');
  if (title === null || grid === null || !/^[a-z0-9-]+\/[a-z0-9-]+$/.test(test)) return;
  title.textContent = `Every byte of ${test}`;
  const folder = `maps/${test}`;
  const [image, map] = await Promise.all([
    fetch(`${folder}.erofs`).then(response => response.arrayBuffer()),
    fetch(`${folder}.json`).then(response => response.json()),
  ]);
  draw(new Uint8Array(image), map);
}

function draw(bytes: Uint8Array, map: ImageMap): void {
  let zeros = 0;
  for (let at = 0; at < bytes.length; at += ROW) {
    const row = bytes.subarray(at, at + ROW);
    zeros = row.every(byte => byte === 0) ? zeros + 1 : 0;
    if (zeros > ZERO_ROWS) continue;
    grid?.append(rowOf(row, at));
  }
  const cells = [...(grid?.querySelectorAll<HTMLElement>('[data-at]') ?? [])];
  let current = cells[0];
  const select = (cell: HTMLElement | undefined, focus: boolean) => {
    if (cell === undefined) return;
    current?.setAttribute('tabindex', '-1');
    current = cell;
    cell.setAttribute('tabindex', '0');
    if (focus) cell.focus();
    mark(cells, fieldAt(map, Number(cell.dataset['at'])), bytes);
  };
  grid?.addEventListener('pointerover', event => {
    const cell = event.target instanceof HTMLElement ? event.target.closest<HTMLElement>('[data-at]') : null;
    select(cell ?? undefined, false);
  });
  grid?.addEventListener('focusin', event => {
    if (event.target instanceof HTMLElement && event.target !== current) select(event.target, false);
  });
  const steps: Readonly<Record<string, number>> = {
    ArrowRight: 1,
    ArrowLeft: -1,
    ArrowDown: ROW,
    ArrowUp: -ROW,
  };
  grid?.addEventListener('keydown', event => {
    const step = steps[event.key];
    if (step === undefined || current === undefined) return;
    select(cells[cells.indexOf(current) + step], true);
    event.preventDefault();
  });
  select(current, false);
}

function rowOf(row: Uint8Array, at: number): HTMLElement {
  const line = document.createElement('div');
  line.setAttribute('role', 'row');
  const head = document.createElement('span');
  head.setAttribute('role', 'rowheader');
  head.textContent = at.toString(16).padStart(6, '0');
  line.append(head);
  for (const [i, byte] of row.entries()) {
    const cell = document.createElement('span');
    cell.setAttribute('role', 'gridcell');
    cell.setAttribute('tabindex', '-1');
    cell.dataset['at'] = String(at + i);
    cell.textContent = byte.toString(16).padStart(2, '0');
    line.append(cell);
  }
  return line;
}

function mark(cells: readonly HTMLElement[], field: MapField | undefined, bytes: Uint8Array): void {
  for (const cell of cells) {
    const at = Number(cell.dataset['at']);
    cell.classList.toggle(
      'marked',
      field !== undefined && at >= field.start && at < field.start + field.size,
    );
  }
  if (output === null || field === undefined) return;
  const link = document.createElement('a');
  link.textContent = field.requirement;
  link.href = `${pages[field.requirement] ?? 'erofs.html'}#${field.requirement}`;
  const end = field.start + field.size - 1;
  output.replaceChildren(
    `${field.where}: ${field.name}, bytes ${field.start} to ${end}, ${shownValue(field, bytes)}, `,
    link,
  );
}

/** The value of a field as its map says that it is displayed. */
function shownValue({ start, size, shown }: MapField, bytes: Uint8Array): string {
  const part = bytes.subarray(start, start + size);
  if (shown === 'text') return JSON.stringify(new TextDecoder('latin1').decode(part.subarray(0, 100)));
  if (shown === 'bytes' || size > 8) {
    const digits = [...part.subarray(0, 40)].map(byte => byte.toString(16).padStart(2, '0')).join('');
    return size > 40 ? `${digits}…` : digits;
  }
  const value = [...part].reduceRight((sum, byte) => sum * 256n + BigInt(byte), 0n);
  if (shown === 'hex') return `0x${value.toString(16)}`;
  return shown === 'octal' ? `0${value.toString(8)}` : value.toString();
}

void start();
