/**
 * Cases of `layers.tree`: archives in, a canonical dumpfile or a refusal out.
 * @module
 */

import type { Case } from '../../suite/case.ts';
import type { Draft, Recipe } from '../recipe.ts';
import { archive, bytes } from './tar.ts';

type About = Pick<Draft, 'title' | 'requirements' | 'needs' | 'tags' | 'class' | 'links' | 'confirmedBy'>;

/** What is asked, and of which layers. */
export interface Asked extends About {
  /** Base first, each the parts of one archive. */
  readonly layers: readonly (readonly Uint8Array[])[];
  /** What differs from the merged tree without transform, by sha256. */
  readonly params?: Readonly<Record<string, string>>;
}

/**
 * Who confirmed a tree by building it: `cfsctl oci dump` of an image with these layers. It always transforms, so that
 * a tree without transform was asked for with a layer more, which makes an empty `usr/` (0755, 0:0, mtime 0), and with
 * policy `keep-user-xattrs`. The mode on the lines of hard links, which it prints as 0120000, was not compared.
 */
export const COMPOSEFS_RS = 'composefs-rs 0.9.4';

const MEDIA_TYPE = 'application/vnd.oci.image.layer.v1.tar';

/** A case that accepts; `tree` is the lines of the expected dumpfile. */
export function accepts(id: string, asked: Asked & { readonly tree: readonly string[] }): Recipe {
  const { tree, ...rest } = asked;
  const expect: Case['expect'] = { outcome: 'accept', files: { dumpfile: 'expect/tree.dump' } };
  const dumpfile = bytes(tree.map(line => `${line}\n`).join(''));
  return { id, make: () => draft(rest, expect, { 'expect/tree.dump': dumpfile }) };
}

/** A case that rejects with `code`, and would not if it were like `control`. */
export function rejects(
  id: string,
  asked: Asked & { readonly code: string; readonly control: string },
): Recipe {
  const { code, control, ...rest } = asked;
  const stage = code.slice(0, code.indexOf('_')).toLowerCase();
  const expect: Case['expect'] = { outcome: 'reject', stage, reasons: [code] };
  return { id, make: () => ({ ...draft(rest, expect, {}), control }) };
}

function draft({ layers, params, ...about }: Asked, expect: Case['expect'], files: Draft['files']): Draft {
  const inputs: Record<string, Uint8Array> = {};
  const paths = layers.map((parts, i) => {
    const content = archive(...parts);
    // Equal layers are one file.
    const known = Object.keys(inputs).find(path => Buffer.from(inputs[path] ?? []).equals(content));
    const path = known ?? `in/${i}.tar`;
    inputs[path] = content;
    return path;
  });
  return {
    ...about,
    op: 'layers.tree',
    input: { layers: paths.map(path => ({ path, mediaType: MEDIA_TYPE })) },
    params: {
      role: 'merged',
      transform: 'none',
      xattrs: 'allowlist-only',
      algorithm: 'fsverity-sha256-12',
      ...params,
    },
    expect,
    files: { ...inputs, ...files },
  };
}
