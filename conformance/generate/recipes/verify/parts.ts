/**
 * Builders of the verification recipes: sealed images, correct and with defects.
 * @module
 */

import type { Case } from '../../../suite/case.ts';
import { blobPath, digestOf, type LayoutBuilder } from '../../builder/layout.ts';
import { bytes } from '../../builder/tar.ts';
import { signatureOf, type TestKey, testKeys } from '../../builder/test-keys.ts';
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
  member,
  oneEntry,
  plain,
  published,
  rejection,
  types,
} from '../seal/parts.ts';

/** An artifact in the layout: its text, the text of its entry in the index, and its blobs. */
export interface ArtifactParts {
  readonly text: string;
  readonly entry?: string;
  readonly blobs?: readonly Uint8Array[];
}

/** A layout to be verified, and the request. */
export interface Facts
  extends Pick<Draft, 'title' | 'requirements'>,
    Partial<Pick<Draft, 'needs' | 'tags' | 'class' | 'links' | 'confirmedBy'>> {
  readonly params?: Case['params'];
  readonly image?: () => Image;
  readonly manifest?: (source: Image, add: Additions) => string;
  /** What is published inline. Default: {@link helloAdditions}. */
  readonly add?: (source: Image) => Additions;
  readonly mediaType?: string;
  readonly index?: IndexTemplate;
  /** Artifacts, listed after the image. */
  readonly artifacts?: (source: Image, manifest: string) => readonly ArtifactParts[];
  /** Last changes to the layout. */
  readonly build?: (builder: LayoutBuilder, manifest: string) => unknown;
  readonly trusted?: readonly Pick<TestKey, 'certificate'>[];
  /** PEM, instead of `trusted`. */
  readonly certificates?: string | Uint8Array;
  readonly commandLine?: string;
}

/** The keys of the image of the layer `hello`, sealed inline. */
export const inlineKeys = [key('config'), key('merged')];
/** The keys of the image of the layer `hello` that has an artifact. */
export const artifactKeys = [key('config'), key('manifest'), key('merged')];

/**
 * The case `verify/<slug>`: the image is verified. `keys` are the compared keys, `signed` those with a trusted
 * signature.
 */
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

/** The case `verify/<slug>`: the image is rejected with `code`. */
export function rejected(slug: string, code: string, control: string, facts: Facts): Recipe {
  return recipe(slug, facts, () => rejection(code, `verify/${control}`));
}

function recipe(
  slug: string,
  facts: Facts,
  expectation: (manifest: string) => Pick<Draft, 'expect' | 'control' | 'files' | 'confirmedBy'>,
): Recipe {
  return {
    id: `verify/${slug}`,
    make: () => {
      const source = (facts.image ?? image)();
      const manifest = (facts.manifest ?? plain)(source, (facts.add ?? helloAdditions)(source));
      const files: Record<string, Uint8Array> = layout(facts, source, manifest);
      const input: Record<string, string> = { layout: 'in/layout' };
      const put = (name: string, path: string, content: string | Uint8Array | undefined) => {
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

function layout(facts: Facts, source: Image, manifest: string): Record<string, Uint8Array> {
  const { builder } = source;
  builder.put(blobPath(digestOf(manifest)), manifest);
  const artifacts = facts.artifacts?.(source, manifest) ?? [];
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

/** Nothing is published inline. */
export const bare = (): Additions => ({ config: '', layers: [], manifest: '' });

/** Inline digests, with `manifest` instead of the members for role merged. */
export const inManifest =
  (manifest: string) =>
  (source: Image): Additions => ({ ...helloAdditions(source), manifest });

/** A correct artifact, signed if a signer is given. */
export function artifact(hash: 'sha256' | 'sha512' = 'sha256', signer?: TestKey) {
  return (source: Image, manifest: string): ArtifactParts => {
    const entries = helloEntries(source, manifest, hash);
    return {
      text: artifactText(hash, entries, lead(types.manifest, manifest), signer),
      ...(signer === undefined ? {} : { blobs: entries.map(([, digest]) => signatureOf(digest, signer)) }),
    };
  };
}

/** A correct artifact whose text is then changed by `change`. */
export function changed(change: (text: string) => string, signer?: TestKey) {
  return (source: Image, manifest: string): ArtifactParts[] => {
    const right = artifact('sha256', signer)(source, manifest);
    const text = change(right.text);
    if (text === right.text) throw new Error('the change has no effect on the text of the artifact');
    return [{ ...right, text }];
  };
}

/** The digest of role merged of the image, and that of a different image. */
export const [merged, otherDigest] = [trees.hello.sha256, trees.bonjour.sha256];

/** The parameters of a request that requires a signature. */
export const required = { requireSignature: 'true' };
/** Who else accepts the signatures of a case. */
export const byOpenssl = ['OpenSSL 3.0 (signatures)'];

/** Published for the image of the layer `hello`, and signed by `signer`. */
export const signedBy =
  (signer: TestKey, hash: 'sha256' | 'sha512' = 'sha256') =>
  (source: Image): Additions =>
    helloAdditions(source, hash, signer);

/** Published and signed by the key `rsa`, with `signature` instead of the signature of role merged. */
export const withSignature =
  (signature: Uint8Array | string) =>
  (source: Image): Additions => ({
    ...helloAdditions(source, 'sha256', testKeys.rsa),
    manifest: `${published('merged', merged)},${member(
      `${key('merged')}.sig`,
      typeof signature === 'string' ? signature : Buffer.from(signature).toString('base64'),
    )}`,
  });
