/**
 * What the recipes of verification have in common: sealed images, and what is wrong with them.
 * @module
 */

import type { Case } from '../../../suite/case.ts';
import { blobPath, digestOf, type LayoutBuilder } from '../../builder/layout.ts';
import { bytes } from '../../builder/tar.ts';
import { signatureOf, type TestKey } from '../../builder/test-keys.ts';
import type { Draft, Recipe } from '../../recipe.ts';
import { trees } from '../image/parts.ts';
import {
  type Additions,
  artifactEntry,
  artifactText,
  helloAdditions,
  helloEntries,
  type Image,
  type IndexTemplate,
  image,
  key,
  lead,
  oneEntry,
  plain,
  refusal,
  types,
} from '../seal/parts.ts';

/** An artifact in the layout: its text, the text of its entry in the index, and the blobs that it names. */
export interface ArtifactParts {
  readonly text: string;
  readonly entry?: string;
  readonly blobs?: readonly Uint8Array[];
}

/** A layout to be verified, and what is asked. */
export interface Facts
  extends Pick<Draft, 'title' | 'requirements'>,
    Partial<Pick<Draft, 'needs' | 'tags' | 'class' | 'links' | 'confirmedBy'>> {
  readonly params?: Case['params'];
  readonly image?: () => Image;
  readonly manifest?: (of: Image, add: Additions) => string;
  /** What is published inline. Default: {@link helloAdditions}. */
  readonly add?: (of: Image) => Additions;
  readonly mediaType?: string;
  readonly index?: IndexTemplate;
  /** Artifacts, listed behind the image. */
  readonly artifacts?: (of: Image, manifest: string) => readonly ArtifactParts[];
  /** Last changes to the layout. */
  readonly build?: (builder: LayoutBuilder, manifest: string) => unknown;
  readonly trusted?: readonly Pick<TestKey, 'certificate'>[];
  /** PEM, in place of `trusted`. */
  readonly certificates?: string;
  readonly commandLine?: string;
}

/** The keys of the image of the layer `hello` as it is sealed inline. */
export const inlineKeys = [key('config'), key('merged')];
/** Those of an artifact. */
export const artifactKeys = [key('config'), key('manifest'), key('merged')];

/** An image that is verified; `keys` are what was compared, `signed` what is signed of them. */
export function verified(
  slug: string,
  facts: Facts & { readonly keys?: readonly string[]; readonly signed?: readonly string[] },
): Recipe {
  const listed = (values: readonly string[]) => (values.length === 0 ? 'none' : [...values].sort().join(','));
  return recipe(slug, facts, manifest => ({
    expect: {
      outcome: 'accept',
      values: {
        manifest: digestOf(manifest),
        keys: listed(facts.keys ?? inlineKeys),
        signed: listed(facts.signed ?? []),
      },
    },
    files: {},
    confirmedBy: [
      'mkcomposefs 1.0.8 (digests of file systems, from dumpfiles)',
      'fsverity-utils 1.6 (digests of documents)',
      ...(facts.confirmedBy ?? []),
    ],
  }));
}

/** An image that is refused with `code`. */
export function refused(slug: string, code: string, control: string, facts: Facts): Recipe {
  return recipe(slug, facts, () => refusal(code, `verify/${control}`));
}

function recipe(
  slug: string,
  facts: Facts,
  expectation: (manifest: string) => Pick<Draft, 'expect' | 'control' | 'files' | 'confirmedBy'>,
): Recipe {
  return {
    id: `verify/${slug}`,
    make: () => {
      const of = (facts.image ?? image)();
      const manifest = (facts.manifest ?? plain)(of, (facts.add ?? helloAdditions)(of));
      const files: Record<string, Uint8Array> = layout(facts, of, manifest);
      const input: Record<string, string> = { layout: 'in/layout' };
      const put = (name: string, path: string, content: string | undefined) => {
        if (content === undefined) return;
        input[name] = path;
        files[path] = bytes(content);
      };
      const pem = facts.certificates ?? facts.trusted?.map(({ certificate }) => certificate).join('');
      put('certificates', 'in/trusted.pem', pem);
      put('cmdline', 'in/cmdline', facts.commandLine);
      const { title, requirements, needs, tags, links, params } = facts;
      return {
        title,
        op: 'verify',
        requirements,
        ...(needs === undefined ? {} : { needs }),
        ...(tags === undefined ? {} : { tags }),
        ...(links === undefined ? {} : { links }),
        ...(facts.class === undefined ? {} : { class: facts.class }),
        ...expectation(manifest),
        input,
        params: params ?? {},
        files,
      };
    },
  };
}

function layout(facts: Facts, of: Image, manifest: string): Record<string, Uint8Array> {
  const { builder } = of;
  builder.put(blobPath(digestOf(manifest)), manifest);
  const artifacts = facts.artifacts?.(of, manifest) ?? [];
  for (const { text, blobs = [] } of artifacts) {
    builder.blob(types.manifest, text);
    for (const blob of [bytes('{}'), ...blobs]) builder.blob('', blob);
  }
  const index = (facts.index ?? oneEntry)(lead(facts.mediaType ?? types.manifest, manifest));
  const entries = artifacts.map(({ text, entry }) => `,${entry ?? artifactEntry(text)}`).join('');
  const end = index.lastIndexOf(']');
  builder.put('index.json', index.slice(0, end) + entries + index.slice(end));
  facts.build?.(builder, manifest);
  return Object.fromEntries(
    Object.entries(builder.files).map(([path, content]) => [`in/layout/${path}`, content]),
  );
}

/** Nothing inline. */
export const bare = (): Additions => ({ config: '', layers: [], manifest: '' });

/** Inline digests with `manifest` in the place of those of the file system. */
export const inManifest =
  (manifest: string) =>
  (of: Image): Additions => ({ ...helloAdditions(of), manifest });

/** A right artifact, signed or not. */
export function artifact(hash: 'sha256' | 'sha512' = 'sha256', signer?: TestKey) {
  return (of: Image, manifest: string): ArtifactParts => {
    const entries = helloEntries(of, manifest, hash);
    return {
      text: artifactText(hash, entries, lead(types.manifest, manifest), signer),
      ...(signer === undefined ? {} : { blobs: entries.map(([, digest]) => signatureOf(digest, signer)) }),
    };
  };
}

/** A right artifact whose text is changed by `change`, which has to change it. */
export function changed(change: (text: string) => string, signer?: TestKey) {
  return (of: Image, manifest: string): ArtifactParts[] => {
    const right = artifact('sha256', signer)(of, manifest);
    const text = change(right.text);
    if (text === right.text) throw new Error('nothing was changed');
    return [{ ...right, text }];
  };
}

/** The digest of role merged of the image, and of another one. */
export const [merged, another] = [trees.hello.sha256, trees.bonjour.sha256];
