/**
 * Platforms of images, and how a request names one (spec/layers.md, "Image selection").
 * @module
 */

import { ComposefsError } from '../errors.ts';
import { quoted, shown } from './json.ts';
import type { Platform } from './schemas.ts';

/** Parses a platform of a request (LAYER-030). */
export function parsePlatform(text: string): Platform {
  const match = /^([^/()]+)(?:\(((?:\+[^/()+]+)+)\))?\/([^/()]+)(?:\/([^/()]+))?$/.exec(text);
  const features = match?.[2]?.slice(1).split('+').map(decoded) ?? [];
  const [, os, , architecture, variant] = match ?? [];
  if (os === undefined || architecture === undefined || features.includes(undefined)) {
    throw new ComposefsError(
      'REQUEST_PLATFORM',
      `${quoted(text)} is not written as os/architecture or os/architecture/variant, with the features of the os as in linux(+a+b)/amd64`,
    );
  }
  return {
    os,
    architecture,
    ...(variant === undefined ? {} : { variant }),
    'os.features': features.filter(each => each !== undefined),
  };
}

/** A feature of a request with its escapes resolved, or undefined if one is malformed. */
function decoded(feature: string): string | undefined {
  try {
    return decodeURIComponent(feature);
  } catch {
    return undefined;
  }
}

/** Whether an image for `platform` is for the platform that a request names (LAYER-019). */
export function matches(platform: Platform, requested: Platform): boolean {
  return (
    platform.os === requested.os &&
    platform.architecture === requested.architecture &&
    (requested.variant === undefined || platform.variant === requested.variant) &&
    JSON.stringify(featuresOf(platform)) === JSON.stringify(featuresOf(requested))
  );
}

/** A text that is equal for two platforms if they do not differ in any part (SEAL-046). */
export function platformKey(platform: Platform): string {
  const { os = '', architecture = '', variant = '', 'os.version': version = '' } = platform;
  return JSON.stringify([os, architecture, variant, version, featuresOf(platform)]);
}

/** The features of the operating system that a platform needs, each once, in an order of their own. */
export function featuresOf({ 'os.features': features = [] }: Platform): string[] {
  return [...new Set(features)].sort();
}

/** A platform in the form of a request, for messages and results: what is missing or empty is `?`, or left out (STORE-062). */
export function platformText(platform: Platform): string {
  const { os, architecture, variant } = platform;
  const features = featuresOf(platform).map(each => `+${each.replace(/[%+()/]/g, encodeURIComponent)}`);
  const first = `${os || '?'}${features.length === 0 ? '' : `(${features.join('')})`}`;
  return shown([first, architecture || '?', ...(variant ? [variant] : [])].join('/'));
}
