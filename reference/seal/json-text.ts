/**
 * JSON documents that are changed as text: everything else stays the same, byte for byte (SEAL-012).
 * @module
 */

/** A value in a JSON text: its start and end, and its members or items. */
export type JsonSpan = { readonly start: number; end: number } & (
  | { readonly kind: 'object'; readonly members: Map<string, JsonMember> }
  | { readonly kind: 'array'; readonly items: JsonSpan[] }
  | { readonly kind: 'scalar' }
);

/** A member of an object; `nameStart` is the position of the quote before its name. */
export interface JsonMember {
  readonly nameStart: number;
  readonly value: JsonSpan;
}

type JsonObjectSpan = Extract<JsonSpan, { kind: 'object' }>;
type JsonArraySpan = Extract<JsonSpan, { kind: 'array' }>;

/** Replaces the text from `start` to `end`. */
interface JsonEdit {
  readonly start: number;
  readonly end: number;
  readonly replacement: string;
}

/** Where a value is in a document: names of members and numbers of items, from the outermost. */
export type JsonPath = readonly (string | number)[];

/** A value that a member can be set to. */
export type JsonValue = string | number | { readonly [name: string]: JsonValue };

/** A JSON text and the edits to it. All positions are those in the original text. */
export class JsonText {
  readonly text: string;
  readonly root: JsonSpan;
  readonly #edits: JsonEdit[] = [];

  /** `bytes` must be a JSON text that `parseJson` accepts. */
  constructor(bytes: Uint8Array | string) {
    // Without ignoreBOM, a byte order mark would be dropped.
    this.text =
      typeof bytes === 'string' ? bytes : new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
    this.root = scan(this.text);
  }

  /** The value at `path`, or undefined if there is none. */
  at(...path: JsonPath): JsonSpan | undefined {
    let span: JsonSpan | undefined = this.root;
    for (const step of path) {
      if (span?.kind === 'object' && typeof step === 'string') span = span.members.get(step)?.value;
      else if (span?.kind === 'array' && typeof step === 'number') span = span.items[step];
      else return undefined;
    }
    return span;
  }

  /**
   * Sets members of the object at `path` (SEAL-013, SEAL-014), and keeps the spelling of those that have their new value
   * already (SEAL-056). Must be called at most once for each object.
   */
  set(path: JsonPath, values: Readonly<Record<string, JsonValue>>): void {
    const object = this.#object(path);
    const added: string[] = [];
    for (const name of Object.keys(values).sort()) {
      const written = write(values[name] ?? '');
      const value = object.members.get(name)?.value;
      if (value === undefined) added.push(`${write(name)}:${written}`);
      else if (this.#scalar(value) !== values[name])
        this.#edits.push({ start: value.start, end: value.end, replacement: written });
    }
    if (added.length === 0) return;
    const last = [...object.members.values()].at(-1);
    const at = last === undefined ? object.start + 1 : last.value.end;
    this.#edits.push({
      start: at,
      end: at,
      replacement: `${last === undefined ? '' : ','}${added.join(',')}`,
    });
  }

  /** Removes the members of the object at `path` whose names satisfy `isRemoved` (SEAL-026). */
  remove(path: JsonPath, isRemoved: (name: string) => boolean): void {
    const { members, start } = this.#object(path);
    let endOfKept = start + 1;
    let end = start + 1;
    let from: number | undefined;
    for (const [name, { nameStart, value }] of members) {
      end = value.end;
      if (isRemoved(name)) {
        from ??= nameStart;
      } else {
        if (from !== undefined) this.#edits.push({ start: from, end: nameStart, replacement: '' });
        from = undefined;
        endOfKept = end;
      }
    }
    if (from !== undefined) this.#edits.push({ start: endOfKept, end, replacement: '' });
  }

  /** Inserts `item` after the last item of the array at `path`, which must have one. */
  append(path: JsonPath, item: string): void {
    const array = this.at(...path);
    const last = array?.kind === 'array' ? array.items.at(-1) : undefined;
    if (last === undefined) throw new TypeError(`no items at ${path.join('/')}`);
    this.#edits.push({ start: last.end, end: last.end, replacement: `,${item}` });
  }

  /** Replaces the value at `path`. */
  replace(path: JsonPath, replacement: string): void {
    const span = this.at(...path);
    if (span === undefined) throw new TypeError(`no value at ${path.join('/')}`);
    this.#edits.push({ start: span.start, end: span.end, replacement });
  }

  /** The text with all edits applied. */
  result(): string {
    let result = '';
    let position = 0;
    for (const { start, end, replacement } of [...this.#edits].sort((a, b) => a.start - b.start)) {
      result += this.text.slice(position, start) + replacement;
      position = end;
    }
    return result + this.text.slice(position);
  }

  /** What a scalar says, however it is spelled. */
  #scalar({ kind, start, end }: JsonSpan): unknown {
    return kind === 'scalar' ? JSON.parse(this.text.slice(start, end)) : undefined;
  }

  #object(path: JsonPath): JsonObjectSpan {
    const span = this.at(...path);
    if (span?.kind !== 'object') throw new TypeError(`no object at ${path.join('/')}`);
    return span;
  }
}

/** The text of a value (SEAL-015). */
export function write(value: JsonValue): string {
  if (typeof value !== 'object') return JSON.stringify(value);
  const members = Object.keys(value)
    .sort()
    .map(name => `${JSON.stringify(name)}:${write(value[name] ?? '')}`);
  return `{${members.join(',')}}`;
}

/** The spans of a well-formed text. It uses its own stack, because a document can be nested very deeply. */
function scan(text: string): JsonSpan {
  const open: { span: JsonObjectSpan | JsonArraySpan; name: string; nameStart: number }[] = [];
  let root: JsonSpan | undefined;
  let at = 0;
  const put = (span: JsonSpan) => {
    const parent = open.at(-1);
    if (parent === undefined) root = span;
    else if (parent.span.kind === 'object')
      parent.span.members.set(parent.name, { nameStart: parent.nameStart, value: span });
    else parent.span.items.push(span);
  };
  while (at < text.length) {
    const start = at;
    switch (text[at]) {
      case '{':
      case '[': {
        const span: JsonObjectSpan | JsonArraySpan =
          text[at] === '{'
            ? { kind: 'object', start, end: start, members: new Map() }
            : { kind: 'array', start, end: start, items: [] };
        put(span);
        open.push({ span, name: '', nameStart: 0 });
        at++;
        break;
      }
      case '}':
      case ']': {
        const closed = open.pop();
        at++;
        if (closed !== undefined) closed.span.end = at;
        break;
      }
      case '"': {
        at = endOfString(text, at);
        const parent = open.at(-1);
        const next = afterSpace(text, at);
        if (parent !== undefined && text[next] === ':') {
          parent.name = JSON.parse(text.slice(start, at));
          parent.nameStart = start;
          at = next + 1;
        } else {
          put({ kind: 'scalar', start, end: at });
        }
        break;
      }
      case ',':
      case ' ':
      case '\t':
      case '\n':
      case '\r':
        at++;
        break;
      default:
        while (at < text.length && !',]} \t\n\r'.includes(text[at] ?? '')) at++;
        put({ kind: 'scalar', start, end: at });
    }
  }
  if (root === undefined) throw new SyntaxError('no JSON text');
  return root;
}

function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at + 1;
}

function afterSpace(text: string, start: number): number {
  let at = start;
  while (' \t\n\r'.includes(text[at] ?? '-')) at++;
  return at;
}
