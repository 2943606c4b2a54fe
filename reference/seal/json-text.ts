/**
 * JSON documents changed as text: what is not set or removed stays byte for byte (spec/sealing.md, "Inline").
 * @module
 */

/** A value in a text: its span, and what is in it. */
export type JsonSpan = { readonly start: number; end: number } & (
  | { readonly kind: 'object'; readonly members: Map<string, JsonMember> }
  | { readonly kind: 'array'; readonly items: JsonSpan[] }
  | { readonly kind: 'scalar' }
);

/** A member of an object; its name begins at `nameStart`, at the quote. */
export interface JsonMember {
  readonly nameStart: number;
  readonly value: JsonSpan;
}

type JsonObjectSpan = Extract<JsonSpan, { kind: 'object' }>;

/** `text` from `start` to `end` becomes `by`. */
interface JsonEdit {
  readonly start: number;
  readonly end: number;
  readonly by: string;
}

/** What a member is set to. */
export type JsonValue = string | number | { readonly [name: string]: JsonValue };

/** Text in the making; positions are those of the text as it was. */
export class JsonText {
  readonly text: string;
  readonly root: JsonSpan;
  readonly #edits: JsonEdit[] = [];

  /** `bytes` are a JSON text that `parseJson` accepts. */
  constructor(bytes: Uint8Array | string) {
    // With ignoreBOM nothing is dropped: the text is all of the bytes.
    this.text =
      typeof bytes === 'string' ? bytes : new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
    this.root = scan(this.text);
  }

  /** The value at `path`, or undefined where there is none. */
  at(...path: readonly (string | number)[]): JsonSpan | undefined {
    let span: JsonSpan | undefined = this.root;
    for (const step of path) {
      if (span?.kind === 'object' && typeof step === 'string') span = span.members.get(step)?.value;
      else if (span?.kind === 'array' && typeof step === 'number') span = span.items[step];
      else return undefined;
    }
    return span;
  }

  /** Sets members of the object at `path` (SEAL-013, SEAL-014). Call it once for each object. */
  set(path: readonly (string | number)[], values: Readonly<Record<string, JsonValue>>): void {
    const object = this.#object(path);
    const added: string[] = [];
    for (const name of Object.keys(values).sort()) {
      const written = write(values[name] ?? '');
      const value = object.members.get(name)?.value;
      if (value === undefined) added.push(`${write(name)}:${written}`);
      else this.#edits.push({ start: value.start, end: value.end, by: written });
    }
    if (added.length === 0) return;
    const last = [...object.members.values()].at(-1);
    const at = last === undefined ? object.start + 1 : last.value.end;
    this.#edits.push({ start: at, end: at, by: `${last === undefined ? '' : ','}${added.join(',')}` });
  }

  /** Removes members of the object at `path` (SEAL-026). */
  remove(path: readonly (string | number)[], goes: (name: string) => boolean): void {
    const { members, start } = this.#object(path);
    let kept = start + 1;
    let from: number | undefined;
    for (const [name, { nameStart, value }] of members) {
      if (goes(name)) {
        from ??= nameStart;
      } else {
        if (from !== undefined) this.#edits.push({ start: from, end: nameStart, by: '' });
        from = undefined;
        kept = value.end;
      }
    }
    const last = [...members.values()].at(-1);
    if (from !== undefined && last !== undefined)
      this.#edits.push({ start: kept, end: last.value.end, by: '' });
  }

  /** Puts `item` behind the last one of the array at `path`. */
  append(path: readonly (string | number)[], item: string): void {
    const array = this.at(...path);
    if (array?.kind !== 'array') throw new TypeError(`no array at ${path.join('/')}`);
    const last = array.items.at(-1);
    const at = last === undefined ? array.start + 1 : last.end;
    this.#edits.push({ start: at, end: at, by: `${last === undefined ? '' : ','}${item}` });
  }

  /** Writes `by` over the value at `path`. */
  replace(path: readonly (string | number)[], by: string): void {
    const span = this.at(...path);
    if (span === undefined) throw new TypeError(`nothing at ${path.join('/')}`);
    this.#edits.push({ start: span.start, end: span.end, by });
  }

  /** The text with all changes. */
  result(): string {
    let result = '';
    let position = 0;
    for (const { start, end, by } of [...this.#edits].sort((a, b) => a.start - b.start)) {
      result += this.text.slice(position, start) + by;
      position = end;
    }
    return result + this.text.slice(position);
  }

  #object(path: readonly (string | number)[]): JsonObjectSpan {
    const span = this.at(...path);
    if (span?.kind !== 'object') throw new TypeError(`no object at ${path.join('/')}`);
    return span;
  }
}

/** A value as SEAL-015 writes it. */
export function write(value: JsonValue): string {
  if (typeof value !== 'object') return JSON.stringify(value);
  const members = Object.keys(value)
    .sort()
    .map(name => `${JSON.stringify(name)}:${write(value[name] ?? '')}`);
  return `{${members.join(',')}}`;
}

/** The spans of a well-formed text. Keeps its own stack: a document may be nested as deep as it is long. */
function scan(text: string): JsonSpan {
  const open: { span: JsonSpan; name: string; nameStart: number }[] = [];
  let root: JsonSpan | undefined;
  let at = 0;
  const put = (span: JsonSpan) => {
    const parent = open.at(-1);
    if (parent === undefined) root = span;
    else if (parent.span.kind === 'object')
      parent.span.members.set(parent.name, { nameStart: parent.nameStart, value: span });
    else if (parent.span.kind === 'array') parent.span.items.push(span);
  };
  while (at < text.length) {
    const start = at;
    switch (text[at]) {
      case '{':
      case '[': {
        const span: JsonSpan =
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
        const colon = parent?.span.kind === 'object' ? afterSpace(text, at) : -1;
        if (parent !== undefined && text[colon] === ':') {
          parent.name = JSON.parse(text.slice(start, at));
          parent.nameStart = start;
          at = colon + 1;
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
