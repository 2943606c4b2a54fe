/**
 * The archive of the layer `hello` with its table of contents.
 * @module
 */

import type { ChunkedPart } from '../../builder/chunked.ts';
import { directory } from '../../builder/tar.ts';
import { filePart, part } from '../toc/parts.ts';

/** The entries of the layer `hello`. */
export const helloParts: readonly ChunkedPart[] = [
  part(directory('usr/', { mtime: 1700000000 }), {
    type: 'dir',
    name: 'usr/',
    mode: 493,
    modtime: '2023-11-14T22:13:20Z',
  }),
  filePart('usr/greeting', 'hello\n', {
    fields: { mtime: 1700000001 },
    entry: { modtime: '2023-11-14T22:13:21Z' },
  }),
  part(directory('etc/', { mtime: 1600000000 }), {
    type: 'dir',
    name: 'etc/',
    mode: 493,
    modtime: '2020-09-13T12:26:40Z',
  }),
  filePart('etc/name', 'demo\n', {
    fields: { mtime: 1600000001 },
    entry: { modtime: '2020-09-13T12:26:41Z' },
  }),
];
