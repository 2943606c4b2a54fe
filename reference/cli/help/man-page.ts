/**
 * A manual page, in the macros of man(7).
 * @module
 */

import type { CommandEntry } from './command-table.ts';

/** The name of the page of a command. */
export function pageName({ words }: Pick<CommandEntry, 'words'>): string {
  return ['composefs-oci', ...words].join('-');
}

/** The page of a command. */
export function manPage(command: CommandEntry, version: string): string {
  const name = pageName(command);
  const { description, details, subcommands } = command;
  const [body = '', ...sections] = details.split(/^(?=[A-Z][\w ]*:\n)/m);
  const lines = [
    `.TH ${name.toUpperCase()} 1 "" "composefs-oci ${version}" "User Commands"`,
    '.SH NAME',
    text(`${name} - ${description.replace(/\.$/, '')}`),
    '.SH SYNOPSIS',
    `.B ${escaped(command.usage)}`,
    '.SH DESCRIPTION',
    text(description),
    ...prose(body, ''),
    ...list(
      'ARGUMENTS',
      command.arguments.map(each => [each.name, each.help]),
    ),
    ...list(
      'OPTIONS',
      command.options.map(each => [each.term, each.help]),
    ),
    ...list(
      'COMMANDS',
      subcommands.map(each => [`${pageName(each)}(1)`, each.description]),
    ),
    ...sections.flatMap(section),
    '.SH SEE ALSO',
    text(
      seeAlso(command)
        .map(page => `${page}(1)`)
        .join(', '),
    ),
  ];
  return `${lines.join('\n')}\n`;
}

/** The page of the program has a list of commands, and each of these leads back. */
function seeAlso({ words, subcommands }: CommandEntry): string[] {
  if (words.length === 0) return ['skopeo', 'mkcomposefs', 'mount.composefs', 'fsverity'];
  return [pageName({ words: words.slice(0, -1) }), ...subcommands.map(pageName)];
}

/** Terms with their explanations. */
function list(title: string, entries: readonly (readonly [term: string, meaning: string])[]): string[] {
  if (entries.length === 0) return [];
  const items = entries.flatMap(([term, meaning]) => ['.TP', `.B ${escaped(term)}`, text(meaning)]);
  return [`.SH ${title}`, ...items];
}

/** A part of a help text that begins with a title. */
function section(part: string): string[] {
  const [title = '', ...lines] = part.trimEnd().split('\n');
  const content = lines.join('\n').replaceAll(/^ {2}/gm, '');
  if (title === 'Exit codes:') {
    // "0  meaning", with more lines of the meaning below it.
    const items = [...content.matchAll(/^(\d[\d, ]*?) {2,}(.*(?:\n +.*)*)/gm)];
    const rest = content.slice((items.at(-1)?.index ?? 0) + (items.at(-1)?.[0].length ?? 0));
    const codes = items.map(
      ([, code = '', meaning = '']) => [code, meaning.replaceAll(/\s+/g, ' ')] as const,
    );
    return [...list('EXIT STATUS', codes), ...prose(rest, '')];
  }
  // In an example, a command and its output are shown as they are.
  const marked = title === 'Examples:' ? content.replaceAll(/^(?=\$ | )/gm, '  ') : content;
  return [`.SH ${title.slice(0, -1).toUpperCase()}`, ...prose(marked, 'first')];
}

/** Paragraphs; indented lines are shown as they are. `start` is `first` below a title. */
function prose(content: string, start: 'first' | ''): string[] {
  let isFirst = start === 'first';
  return content.split(/\n{2,}/).flatMap(paragraph => {
    if (paragraph.trim() === '') return [];
    const runs = paragraph.replace(/^\n+|\n+$/g, '').split(/\n(?=\S)(?<=^ .*\n)|\n(?= )(?<=^\S.*\n)/m);
    const lines = runs.flatMap(run =>
      run.startsWith(' ')
        ? ['.RS 4', '.EX', ...run.split('\n').map(line => escaped(line.replace(/^ {2}/, ''))), '.EE', '.RE']
        : [text(run)],
    );
    const separator = isFirst ? [] : ['.PP'];
    isFirst = false;
    return [...separator, ...lines];
  });
}

/** Filled text, each sentence on lines of its own, with at most 78 bytes in a line. */
function text(content: string): string {
  const sentences = content.replaceAll('\n', ' ').split(/(?<=[.:;]) (?=[A-Z])/);
  return sentences.map(wrapped).join('\n');
}

function wrapped(sentence: string): string {
  const lines: string[] = [];
  for (const word of sentence.split(' ')) {
    const longer = escaped(`${lines.at(-1) ?? ''} ${word}`);
    if (lines.length > 0 && longer.length <= 78) lines.push(`${lines.pop()} ${word}`);
    else lines.push(word);
  }
  return lines.map(escaped).join('\n');
}

/** A line without anything that roff would take for a request or a typographic character. */
function escaped(line: string): string {
  return line
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll("'", '\\(aq')
    .replaceAll('`', '\\(ga')
    .replaceAll('^', '\\(ha')
    .replaceAll('~', '\\(ti')
    .replaceAll(
      /[^\0-\x7f]/g,
      character => `\\[u${character.codePointAt(0)?.toString(16).toUpperCase().padStart(4, '0')}]`,
    )
    .replace(/^\./, '\\&.');
}
