/**
 * Names of images and other roots.
 * @module
 */

import type { ByteString } from '../bytes.ts';
import { ComposefsError } from '../errors.ts';
import { isOciDigest } from '../oci/digest.ts';
import { quoted } from '../oci/json.ts';
import { parseStreamName, streamName, TAGS } from './paths.ts';
import { linkTarget, type Store } from './store.ts';
import { escapeTag, tagOfFile } from './tags.ts';
import { entriesOf } from './walk.ts';

/** A name, and the OCI digest of the manifest that it leads to. */
export interface NamedManifest {
  readonly name: string;
  readonly manifest: string;
}

/** The names of a store, in bytewise order of their escaped forms. Those that are malformed are left out. */
export function namesIn(store: Store): NamedManifest[] {
  return entriesOf(store, TAGS).flatMap(({ name: file, kind }) => {
    const name = kind === 'link' ? tagOfFile(file as ByteString) : undefined;
    const manifest = name === undefined ? undefined : manifestOf(store, `${TAGS}/${file}`);
    return name === undefined || manifest === undefined ? [] : [{ name, manifest }];
  });
}

/**
 * The OCI digest of the manifest that a name, or `@DIGEST`, leads to, or a rejection with STORE_UNKNOWN (STORE-057).
 * The manifest that a name leads to can be missing.
 */
export function resolveImage(store: Store, text: string): string {
  const digest = text.startsWith('@')
    ? storedManifest(store, text.slice(1))
    : manifestOf(store, `${TAGS}/${escapeTag(text)}`);
  if (digest !== undefined) return digest;
  const detail = `the store has no image ${quoted(text)}: 'composefs-oci store list' shows what it has`;
  throw new ComposefsError('STORE_UNKNOWN', detail);
}

/** `digest`, if there is a link for the manifest. */
function storedManifest(store: Store, digest: string): string | undefined {
  if (!isOciDigest(digest)) return undefined;
  return linkTarget(store, `streams/${streamName('manifest', digest)}`) === undefined ? undefined : digest;
}

function manifestOf(store: Store, path: string): string | undefined {
  const target = linkTarget(store, path);
  const named = target?.startsWith('../../') ? parseStreamName(target.slice(6)) : undefined;
  return named?.kind === 'manifest' ? named.digest : undefined;
}
