/**
 * Shows a layer set as text: a line for each layer and each entry.
 * @module
 */

import { type ByteString, printable } from '../../../reference/bytes.ts';
import type { Extension, LayerSet, TarEntry } from './layer-sets/layer-set.ts';

/** The lines; bytes that are not printable are escaped. */
export function showLayers({ role, xattrs, layers }: LayerSet): string[] {
  const lines = [`role ${role}, xattrs ${xattrs}`];
  for (const [number, { packed, end, entries }] of layers.entries()) {
    lines.push([`layer ${number}`, ...(packed === 'none' ? [] : [packed]), ...endText(end)].join(', '));
    lines.push(...entries.map(entry => `  ${entryText(entry)}`));
  }
  return lines;
}

function endText(end: LayerSet['layers'][number]['end']): string[] {
  return end === 'two'
    ? []
    : [{ record: 'zeros', more: 'more', one: 'one block of zeros', none: 'nothing' }[end]].map(
        text => `${text} at its end`,
      );
}

const types: Readonly<Record<string, string>> = {
  ...{
    '0': 'file',
    '1': 'link',
    '2': 'symlink',
    '3': 'character',
    '4': 'block',
    '5': 'directory',
    '6': 'fifo',
  },
};

/** Form, type and name; target; mode, owner and time; other fields; and in brackets what precedes the header. */
function entryText(entry: TarEntry): string {
  const { form, type, name, prefix, link, mode, uid, gid, mtime, major, minor, spelling, content, size } =
    entry;
  const parts = [
    `${form} ${types[type] ?? `type ${text(type)}`} ${text(name)}`,
    ...(link === '' ? [] : [`-> ${text(link)}`]),
    `0${mode.toString(8)} ${uid}:${gid} ${mtime}`,
    ...(prefix === '' ? [] : [`prefix ${text(prefix)}`]),
    ...(major === 0 && minor === 0 && type !== '3' && type !== '4' ? [] : [`device ${major}:${minor}`]),
    ...(content === '' ? [] : [`${content.length} bytes`]),
    ...(size === undefined ? [] : [`size ${size}`]),
    ...(spelling === 'octal' ? [] : [`numbers ${spelling}`]),
    ...entry.extensions.map(extensionText),
  ];
  return parts.join(' ');
}

function extensionText(extension: Extension): string {
  switch (extension.kind) {
    case 'zeros':
      return '[preceded by a block of zeros]';
    case 'name':
    case 'link':
      return `[long ${extension.kind} ${text(extension.text)}]`;
    case 'pax':
    case 'global': {
      const { kind, records, rest } = extension;
      const shown = records.map(([key, value]) => `${text(key)}=${text(value)}`);
      return `[${[kind, ...shown, ...(rest === undefined ? [] : [`and then ${text(rest)}`])].join(' ')}]`;
    }
  }
}

/** The most characters that are shown of a name or value. */
const MAX_WIDTH = 80;

function text(bytes: ByteString): string {
  const all = printable(bytes);
  if (all.length > MAX_WIDTH) return `${all.slice(0, MAX_WIDTH)}… (${bytes.length} bytes)`;
  return all === '' || all.includes(' ') ? `"${all}"` : all;
}
