/**
 * Changes of a regular expression: its anchors, quantifiers and negated classes.
 * @module
 */

/** An escape, a class, the beginning of a group, a quantifier, or any other character. */
const piece =
  /\\(?:[pP]\{[^}]*\}|k<[^>]*>|[\s\S])|\[(?:\\[\s\S]|[^\]\\])*\]|\(\?(?:<?[=!]|:|<[^>]*>)|(?:[*+?]|\{\d+(?:,\d*)?\})\??|[\s\S]/g;

/** All patterns that differ from `pattern` in one anchor, quantifier or negation. */
export function regexMutations(pattern: string): string[] {
  const pieces = pattern.match(piece) ?? [];
  return pieces.flatMap((text, i) => {
    const head = pieces.slice(0, i).join('');
    const tail = pieces.slice(i + 1).join('');
    return piecesInsteadOf(text).map(other => `${head}${other}${tail}`);
  });
}

function piecesInsteadOf(text: string): string[] {
  if (text === '^' || text === '$' || text === '?') return [''];
  if (text === '*' || text === '*?') return [text.replace('*', '+')];
  if (text === '+' || text === '+?') return [text.replace('+', '*')];
  if (text.startsWith('[^')) return [`[${text.slice(2)}`];
  if (text.length > 2 && text.startsWith('[')) return [`[^${text.slice(1)}`];
  const [all, least, comma, most] = /^\{(\d+)(,?)(\d*)\}$/.exec(text) ?? [];
  if (all === undefined) return [];
  const low = Number(least);
  if (comma === '') return [`{${low - 1}}`, `{${low + 1}}`];
  if (most === '') return [`{${low === 0 ? 1 : low - 1},}`];
  return [
    ...(low === 0 ? [] : [`{${low - 1},${most}}`]),
    ...(low < Number(most) ? [`{${low + 1},${most}}`, `{${low},${Number(most) - 1}}`] : []),
    `{${low},${Number(most) + 1}}`,
  ];
}
