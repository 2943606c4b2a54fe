/**
 * Blocks of PEM texts (RFC 7468).
 * @module
 */

/** A block from its BEGIN line to its END line. */
export interface PemBlock {
  /** For example `CERTIFICATE`. */
  readonly type: string;
  readonly text: string;
}

/** The complete blocks of a PEM text, in order. Everything else is ignored. */
export function pemBlocks(pem: Uint8Array): PemBlock[] {
  const blocks: PemBlock[] = [];
  let open: { type: string; lines: string[] } | undefined;
  for (const line of Buffer.from(pem)
    .toString('latin1')
    .split(/\r\n|[\r\n]/)) {
    const [, edge, type = ''] = /^-----(BEGIN|END) ([!-~]+(?: [!-~]+)*)-----[ \t]*$/.exec(line) ?? [];
    if (edge === 'BEGIN') open = { type, lines: [] };
    open?.lines.push(line.trimEnd());
    if (edge !== 'END') continue;
    if (open?.type === type) blocks.push({ type, text: `${open.lines.join('\n')}\n` });
    open = undefined;
  }
  return blocks;
}
