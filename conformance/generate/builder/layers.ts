/**
 * Builders of `layers.tree` cases: archives, and their canonical dumpfile or a rejection.
 * @module
 */

import type { Case } from '../../suite/case.ts';
import { type Draft, type Recipe, stageOf } from '../recipe.ts';
import { archive, bytes } from './tar.ts';

type About = Pick<Draft, 'title' | 'requirements' | 'needs' | 'tags' | 'class' | 'links' | 'confirmedBy'>;

/** The facts of a case of `layers.tree`, its layers and its request. */
export interface LayersTreeFacts extends About {
  /** The layers, base layer first; each is the parts of one archive. */
  readonly layers: readonly (readonly Uint8Array[])[];
  /** Overrides of the parameters. Default: role merged, transform none, SHA-256. */
  readonly params?: Readonly<Record<string, string>>;
}

/**
 * `cfsctl oci dump` of an image with these layers printed the same tree. It always applies the transforms, so trees
 * without transform were requested with an additional layer that contains an empty `usr/` (0755, 0:0, mtime 0), and
 * with policy `keep-user-xattrs`. The mode on hard link lines, which it prints as 0120000, was not compared.
 */
export const COMPOSEFS_RS = 'composefs-rs 0.9.4';

const MEDIA_TYPE = 'application/vnd.oci.image.layer.v1.tar';

/** A case that is accepted; `tree` is the lines of the expected dumpfile. */
export function accepts(id: string, facts: LayersTreeFacts & { readonly tree: readonly string[] }): Recipe {
  const { tree, ...rest } = facts;
  const expect: Case['expect'] = { outcome: 'accept', files: { dumpfile: 'expect/tree.dump' } };
  const dumpfile = bytes(tree.map(line => `${line}\n`).join(''));
  return { id, make: () => draft(rest, expect, { 'expect/tree.dump': dumpfile }) };
}

/** A case that is rejected with `code`, next to `control`, which is accepted. */
export function rejects(
  id: string,
  facts: LayersTreeFacts & { readonly code: string; readonly control: string },
): Recipe {
  const { code, control, ...rest } = facts;
  const expect: Case['expect'] = { outcome: 'reject', stage: stageOf(code), reasons: [code] };
  return { id, make: () => ({ ...draft(rest, expect, {}), control }) };
}

function draft(
  { layers, params, ...about }: LayersTreeFacts,
  expect: Case['expect'],
  files: Draft['files'],
): Draft {
  const inputs: Record<string, Uint8Array> = {};
  const paths = layers.map((parts, i) => {
    const content = archive(...parts);
    // Equal layers share one file.
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
