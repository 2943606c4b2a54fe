/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
/**
 * The search field: `/` leads to it, arrow keys choose, the index is loaded when it is first needed.
 * @module
 */

import { type Entry, excerpt, fragmentOf, rank, type Searchable, searchable } from './rank.ts';

const MOST = 12;
/** How many characters of a text are shown. */
const SHOWN = 160;
/** Kinds whose address is only that of a section. */
const withinSection: ReadonlySet<string> = new Set(['section', 'paragraph', 'background']);
const root = document.body.dataset['root'] ?? '';
const field = document.querySelector<HTMLInputElement>('#search');
const list = document.querySelector<HTMLOListElement>('#found');

let loading: Promise<Searchable> | undefined;

function entries(): Promise<Searchable> {
  loading ??= fetch(`${root}assets/search.json`)
    .then(response => response.json())
    .then(searchable);
  return loading;
}

async function show(): Promise<void> {
  if (field === null || list === null) return;
  const query = field.value;
  const found = query.trim() === '' ? [] : rank(await entries(), query, MOST);
  // The field may have changed while the index was loaded.
  if (field.value !== query) return;
  list.replaceChildren(...found.map(entry => item(entry, query)));
  list.hidden = found.length === 0;
}

function item([kind, title, address, text]: Entry, query: string): HTMLLIElement {
  const link = document.createElement('a');
  const shown = excerpt(text, query, SHOWN);
  link.href = `${root}${address}${withinSection.has(kind) ? fragmentOf(shown) : ''}`;
  const name = document.createElement('strong');
  name.textContent = title;
  const small = document.createElement('small');
  small.textContent = `${kind}: ${shown}`;
  link.append(name, ' ', small);
  const element = document.createElement('li');
  element.append(link);
  return element;
}

function move(step: number): void {
  const links = [...(list?.querySelectorAll('a') ?? [])];
  const at = links.indexOf(document.activeElement as HTMLAnchorElement);
  if (at + step < 0) field?.focus();
  else links[Math.min(at + step, links.length - 1)]?.focus();
}

field?.addEventListener('input', () => void show());
field?.addEventListener('focus', () => void entries());
document.addEventListener('keydown', event => {
  const inText = event.target instanceof HTMLElement && event.target.matches('input, textarea');
  const inSearch = event.target instanceof HTMLElement && event.target.closest('search') !== null;
  if (event.key === '/' && !inText) {
    field?.focus();
    event.preventDefault();
  } else if (inSearch && (event.key === 'ArrowDown' || event.key === 'ArrowUp')) {
    move(event.key === 'ArrowDown' ? 1 : -1);
    event.preventDefault();
  } else if (inSearch && event.key === 'Escape' && list !== null && field !== null) {
    field.value = '';
    list.hidden = true;
    field.focus();
  } else if (event.key === 'Enter' && event.target === field) {
    list?.querySelector('a')?.click();
  }
});
