/**
 * Random damage to bytes and to JSON values.
 * @module
 */

import type { RandomBytes } from '../../generate/random-trees/random-bytes.ts';

/** Bytes that formats give a meaning: ends, separators, signs, digits, escapes, and the first bytes of structures. */
const meaningful = [0x00, 0x01, 0x0a, 0x20, 0x22, 0x2d, 0x2e, 0x2f, 0x30, 0x37, 0x39, 0x5c, 0x7f, 0x80, 0xff];

/** `bytes` after one to five changes, mostly one, and some of them with pieces of `other`. */
export function mutated(bytes: Uint8Array, other: Uint8Array, random: RandomBytes): Uint8Array {
  let result = Buffer.from(bytes);
  for (let changes = random.once(3) ? 1 + random.below(5) : 1; changes > 0; changes--) {
    const at = random.below(result.length + 1);
    const length = 1 + random.below(random.once(4) ? 600 : 8);
    switch (random.below(9)) {
      case 0:
        if (at < result.length) result[at] = (result[at] ?? 0) ^ (1 << random.below(8));
        break;
      case 1:
        if (at < result.length) result[at] = random.pick(meaningful);
        break;
      case 2:
        result.fill(random.pick(meaningful), at, Math.min(at + length, result.length));
        break;
      case 3:
        result = spliced(result, at, length, new Uint8Array(0));
        break;
      case 4:
        result = spliced(result, at, 0, result.subarray(at, at + length));
        break;
      case 5:
        result = spliced(result, at, random.below(2) * length, piece(other, random));
        break;
      case 6:
        result = spliced(result, at, 0, Buffer.alloc(length * 100, random.pick(meaningful)));
        break;
      case 7:
        result = changedNumber(result, at, random);
        break;
      default:
        if (random.once(3)) result = result.subarray(0, at);
        else result.set(random.bytes(Math.min(length, result.length - at)), at);
    }
  }
  return result;
}

function spliced(bytes: Buffer, at: number, removed: number, added: Uint8Array): Buffer<ArrayBuffer> {
  return Buffer.concat([bytes.subarray(0, at), added, bytes.subarray(at + removed)]);
}

function piece(bytes: Uint8Array, random: RandomBytes): Uint8Array {
  const start = random.below(bytes.length + 1);
  return bytes.subarray(start, start + 1 + random.below(1024));
}

/** Replaces the digits after `at` by a number at a limit of some type. */
function changedNumber(bytes: Buffer<ArrayBuffer>, at: number, random: RandomBytes): Buffer<ArrayBuffer> {
  const text = bytes.toString('latin1', at, at + 4096);
  const [digits] = /[0-9]+/.exec(text) ?? [];
  if (digits === undefined) return bytes;
  return spliced(bytes, at + text.indexOf(digits), digits.length, Buffer.from(random.pick(numbers)));
}

const numbers = [
  ...['-1', '0', '00', '1', '255', '4096', '77777777777', '65536', '2147483648', '4294967296'],
  ...['9007199254740992', '9223372036854775807', '18446744073709551616', '1e9', '0.5', '9'.repeat(400)],
];

/** The text of `value` with one value or name in it replaced. */
export function mutatedJson(value: unknown, random: RandomBytes): Uint8Array {
  const text = JSON.stringify(mutatedValue(value, random));
  return Buffer.from(text.replace(`"${DEEP}"`, `${'['.repeat(20_000)}${']'.repeat(20_000)}`));
}

/** Becomes arrays in arrays, deeper than `JSON.stringify` can go. */
const DEEP = 'deep';

function mutatedValue(value: unknown, random: RandomBytes): unknown {
  const isContainer = typeof value === 'object' && value !== null;
  if (!isContainer || random.once(8)) return hostileValue(random);
  if (Array.isArray(value)) {
    if (value.length === 0 || random.once(6)) return [...value, value[0] ?? hostileValue(random)];
    const at = random.below(value.length);
    return value.map((item, i) => (i === at ? mutatedValue(item, random) : item));
  }
  const members = Object.entries(value);
  if (members.length === 0 || random.once(6)) members.push([hostileName(random), hostileValue(random)]);
  const at = random.below(members.length);
  const [name, old] = members[at] ?? ['', null];
  switch (random.below(8)) {
    case 0:
      members[at] = [changedName(name, random), old];
      break;
    case 1:
      members.splice(at, 1);
      break;
    default:
      members[at] = [name, mutatedValue(old, random)];
  }
  return Object.fromEntries(members);
}

function changedName(name: string, random: RandomBytes): string {
  return random.pick([name.toUpperCase(), `${name}.sig`, `${name} `, name.replace('s', 'ſ'), '']);
}

function hostileName(random: RandomBytes): string {
  return random.pick([
    ...['__proto__', 'constructor', 'toString', 'mediaType', 'annotations', 'platform', 'subject', '\u0000'],
    ...['containers.composefs.fsverity', 'composefs.merged.erofs.v1.fsverity-sha256-12', 'x'.repeat(5000)],
  ]);
}

function hostileValue(random: RandomBytes): unknown {
  return random.pick<() => unknown>([
    () => null,
    () => true,
    () => [],
    () => ({}),
    () => ({ toString: 0, valueOf: 0 }),
    () => DEEP,
    () => random.pick([-1, 0, 1, 0.5, 2 ** 53, 1e308]),
    () => random.pick(['', '\u0000', '../../x', 'sha256:', `sha256:${'0'.repeat(64)}`, '\ud800', 'linux\n']),
    () => 'x'.repeat(1 + random.below(100_000)),
    () => Buffer.from(random.bytes(random.below(64))).toString('base64'),
  ])();
}
