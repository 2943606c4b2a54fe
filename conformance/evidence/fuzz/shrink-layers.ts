/**
 * Shrinks a layer set: removes or simplifies layers, entries, records and values, one or many at a time, as long as the
 * difference still occurs.
 * @module
 */

import { isDeepStrictEqual } from 'node:util';
import { ascii, type ByteString } from '../../../reference/bytes.ts';
import { Shrinking, type Test } from '../../runner/shrink/shrinking.ts';
import {
  copyLayers,
  type Extension,
  type LayerSet,
  plainEntry,
  type TarEntry,
  type TarLayer,
} from './layer-sets/layer-set.ts';
import { linkOf, nameOf, pathOf } from './layer-sets/outline.ts';

/** Makes `set`, which passes `test`, smaller, until no further change passes. */
export function shrinkLayers(set: LayerSet, test: Test<LayerSet>): Promise<LayerSet> {
  const shrinker = new LayerShrinker(set, copyLayers, test);
  return shrinker.exhaust([
    () => shrinker.fewerLayers(),
    () => shrinker.fewerEntries(),
    () => shrinker.simplerLayers(),
    () => shrinker.simplerEntries(),
    () => shrinker.simplerNames(),
  ]);
}

class LayerShrinker extends Shrinking<LayerSet> {
  /** Removes ranges of layers, or appends the entries of a layer to the layer below. */
  async fewerLayers(): Promise<void> {
    const count = () => this.subject.layers.length;
    await this.runs(count, ({ layers }, from, to) => layers.splice(from, to - from));
    for (let i = 1; i < count(); ) {
      const joined = await this.try(({ layers }) => {
        const [upper] = layers.splice(i, 1);
        layers[i - 1]?.entries.push(...(upper?.entries ?? []));
        return true;
      });
      if (!joined) i++;
    }
  }

  async fewerEntries(): Promise<void> {
    for (let i = 0; i < this.subject.layers.length; i++) {
      await this.runs(
        () => this.subject.layers[i]?.entries.length ?? 0,
        ({ layers }, from, to) => layers[i]?.entries.splice(from, to - from),
      );
    }
  }

  /** Simplifies the role and the policy, and the compression and the end of each layer. */
  async simplerLayers(): Promise<void> {
    await this.try(simplerSet('role', 'merged'));
    await this.try(simplerSet('xattrs', 'allowlist-only'));
    for (let i = 0; i < this.subject.layers.length; i++) {
      const at = (change: (layer: TarLayer) => boolean) =>
        this.try(({ layers }) => layers.slice(i, i + 1).some(change));
      await at(simplerLayer('packed', 'none'));
      await at(simplerLayer('end', 'two'));
    }
  }

  /** Gives every entry the plainest form and the simplest values that pass. */
  async simplerEntries(): Promise<void> {
    for (let i = 0; i < entriesOf(this.subject).length; i++) {
      const at = (change: (entry: TarEntry) => boolean) => this.try(set => change(nth(set, i)));
      await at(becomePlain);
      await at(becomeFile);
      await at(plainNames);
      await this.#fewerExtensions(i);
      for (const change of simplerValues) await at(change);
      await this.shorter(
        () => nth(this.subject, i).content.length,
        (set, length) => {
          nth(set, i).content = ascii('c'.repeat(length));
        },
      );
    }
  }

  /** Removes headers and zeros before the header of the entry, and records of those that stay. */
  async #fewerExtensions(i: number): Promise<void> {
    const extensions = () => nth(this.subject, i).extensions;
    await this.runs(
      () => extensions().length,
      (set, from, to) => nth(set, i).extensions.splice(from, to - from),
    );
    for (let number = 0; number < extensions().length; number++) {
      const extension = (set: LayerSet) => nth(set, i).extensions[number];
      await this.runs(
        () => recordsOf(extension(this.subject)).length,
        (set, from, to) => recordsOf(extension(set)).splice(from, to - from),
      );
      for (let at = 0; at < recordsOf(extension(this.subject)).length; at++) {
        await this.shorter(
          () => recordsOf(extension(this.subject))[at]?.[1].length ?? 0,
          (set, length) => {
            const records = recordsOf(extension(set));
            records.splice(at, 1, [records[at]?.[0] ?? ascii(''), ascii('v'.repeat(length))]);
          },
        );
      }
      await this.try(set => {
        const found = extension(set);
        return found !== undefined && 'rest' in found && delete found.rest;
      });
    }
  }

  /** Shortens paths, and renames every part of a path to one letter wherever it occurs. */
  async simplerNames(): Promise<void> {
    for (const part of partsOf(this.subject)) await this.try(set => changePaths(set, withoutPart(part)));
    for (let i = 0; i < entriesOf(this.subject).length; i++) {
      while (await this.try(set => dropFirstPart(nth(set, i))));
    }
    for (const part of partsOf(this.subject)) {
      const used = partsOf(this.subject);
      const letter = [...'abcdefghijklmnopqrstuvwxyz'].find(each => !used.has(each));
      if (letter === undefined || /^(?:\.\.?)?$/.test(part)) continue;
      if (part.length === 1 && part <= letter) continue;
      await this.try(set => changePaths(set, renamed(part, letter)));
    }
  }
}

function entriesOf({ layers }: LayerSet): TarEntry[] {
  return layers.flatMap(({ entries }) => entries);
}

function nth(set: LayerSet, i: number): TarEntry {
  const entry = entriesOf(set)[i];
  if (entry === undefined) throw new RangeError(`entry ${i} does not exist`);
  return entry;
}

/** Sets a property to a simpler value. */
function simpler<Subject>() {
  return <K extends keyof Subject>(key: K, value: Subject[K]) =>
    (subject: Subject): boolean => {
      if (subject[key] === value) return false;
      subject[key] = value;
      return true;
    };
}
const simplerSet = simpler<LayerSet>();
const simplerLayer = simpler<TarLayer>();
const simplerEntry = simpler<TarEntry>();

const simplerValues: readonly ((entry: TarEntry) => boolean)[] = [
  simplerEntry('type', ascii('0')),
  simplerEntry('form', 'ustar'),
  simplerEntry('spelling', 'octal'),
  entry => simplerEntry('mode', plainEntry(entry.type, entry.name).mode)(entry),
  entry => {
    const had = entry.mode > 0o7777;
    entry.mode &= 0o7777;
    return had;
  },
  simplerEntry('uid', 0),
  simplerEntry('gid', 0),
  simplerEntry('mtime', 0n),
  simplerEntry('major', 0),
  simplerEntry('minor', 0),
  simplerEntry('prefix', ascii('')),
  simplerEntry('link', ascii('')),
  entry => {
    if (entry.size === undefined) return false;
    delete entry.size;
    return true;
  },
];

/** Replaces an entry by the plainest one with the same name and link target. */
function becomePlain(entry: TarEntry): boolean {
  return become(entry, { ...plainEntry(entry.type, plainName(entry)), link: plainLink(entry) });
}

function becomeFile(entry: TarEntry): boolean {
  return become(entry, plainEntry('0', pathOf(nameOf(entry)).join('/') as ByteString));
}

/** Writes the name and the link target of an entry in the plainest way, and keeps the other fields. */
function plainNames(entry: TarEntry): boolean {
  const names = { name: plainName(entry), prefix: ascii(''), link: plainLink(entry) };
  return become(entry, { ...entry, ...names, extensions: [] });
}

function plainName(entry: TarEntry): ByteString {
  return `${pathOf(nameOf(entry)).join('/')}${entry.type === '5' ? '/' : ''}` as ByteString;
}

function plainLink(entry: TarEntry): ByteString {
  if (entry.type === '1') return pathOf(linkOf(entry)).join('/') as ByteString;
  return entry.type === '2' ? linkOf(entry) : ascii('');
}

function become(entry: TarEntry, other: TarEntry): boolean {
  if (isDeepStrictEqual(entry, other)) return false;
  delete entry.size;
  Object.assign(entry, other);
  return true;
}

function recordsOf(extension: Extension | undefined) {
  return extension !== undefined && 'records' in extension ? extension.records : [];
}

/** All texts of an entry that are paths, or may be paths. */
function texts({ name, prefix, link, extensions }: TarEntry): ByteString[] {
  return [name, prefix, link, ...extensions.flatMap(pathsIn)];
}

function pathsIn(extension: Extension): ByteString[] {
  if ('text' in extension) return [extension.text];
  return recordsOf(extension)
    .filter(([key]) => isPath(key))
    .map(([, value]) => value);
}

function isPath(key: string): boolean {
  return key === 'path' || key === 'linkpath';
}

function changeTexts(entry: TarEntry, change: (text: ByteString) => ByteString): boolean {
  const before = texts(entry).join('\n');
  for (const key of ['name', 'prefix', 'link'] as const) entry[key] = change(entry[key]);
  for (const extension of entry.extensions) {
    if ('text' in extension) extension.text = change(extension.text);
    if ('records' in extension) {
      extension.records = extension.records.map(([key, value]) => [key, isPath(key) ? change(value) : value]);
    }
  }
  return texts(entry).join('\n') !== before;
}

/** Removes the first part of the name of an entry. */
function dropFirstPart(entry: TarEntry): boolean {
  const cut = entry.name.replace(/^[^/]*\/+(?=[^/])/, '') as ByteString;
  if (cut === entry.name) return false;
  entry.name = cut;
  return true;
}

const WHITEOUT = /^\.wh\.(?!\.wh\.)/;

/** A part of a path without the prefix of a whiteout. */
function bare(part: string): string {
  return part.replace(WHITEOUT, '');
}

/** The parts of all paths of a layer set. */
function partsOf(set: LayerSet): Set<string> {
  const paths = entriesOf(set).flatMap(texts);
  return new Set(paths.flatMap(text => text.split('/').map(bare)));
}

/** Changes all paths, part by part. */
function changePaths(set: LayerSet, change: (parts: readonly string[]) => readonly string[]): boolean {
  return entriesOf(set)
    .map(entry => changeTexts(entry, text => change(text.split('/')).join('/') as ByteString))
    .includes(true);
}

function withoutPart(part: string) {
  return (parts: readonly string[]) => {
    const left = parts.filter((each, i) => each !== part || i === parts.length - 1);
    return left.some(each => each !== '' && each !== '.') ? left : parts;
  };
}

function renamed(from: string, to: string) {
  return (parts: readonly string[]) =>
    parts.map(part => (bare(part) === from ? part.slice(0, part.length - from.length) + to : part));
}
