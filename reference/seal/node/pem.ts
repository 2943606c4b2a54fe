/**
 * Blocks of PEM texts (RFC 7468).
 * @module
 */

/** A block from its BEGIN line to its END line, or to where another line of a block comes instead. */
export interface PemBlock {
  /** For example `CERTIFICATE`. */
  readonly type: string;
  readonly text: string;
}

/** The blocks of a PEM text, in order; everything else is ignored. One without an END line is malformed (VERIFY-071). */
export function pemBlocks(pem: Uint8Array): PemBlock[] {
  const blocks: PemBlock[] = [];
  let open: { type: string; lines: string[] } | undefined;
  const close = () => {
    if (open !== undefined) blocks.push({ type: open.type, text: `${open.lines.join('\n')}\n` });
    open = undefined;
  };
  for (const line of Buffer.from(pem)
    .toString('latin1')
    .split(/\r\n|[\r\n]/)) {
    const [, edge, type = ''] = /^-----(BEGIN|END) ([!-~]+(?: [!-~]+)*)-----[ \t]*$/.exec(line) ?? [];
    if (edge === 'BEGIN') {
      close();
      open = { type, lines: [] };
    }
    open?.lines.push(line.replace(/[ \t]+$/, ''));
    if (edge === 'END') close();
  }
  close();
  return blocks;
}
