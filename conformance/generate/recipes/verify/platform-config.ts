/**
 * The platform of the only image, in its entry and in its config: what contradicts, and what is only missing.
 * @module
 */

import type { Recipe } from '../../recipe.ts';
import { type IndexTemplate, image } from '../seal/parts.ts';
import { list } from '../seal/platform-images.ts';
import { type Facts, rejected, verified } from './parts.ts';

interface Platform {
  readonly os?: string;
  readonly architecture?: string;
  readonly variant?: string;
}

/** An index that lists the image for each of these platforms. */
const listedFor =
  (...platforms: readonly Platform[]): IndexTemplate =>
  leading =>
    list(...platforms.map(platform => `${leading},"platform":${JSON.stringify(platform)}}`));

/** An image with the platform `config`, which is listed for `entry`, and the requested platform. */
const facts = (
  config: Platform,
  entry: Platform,
  platform?: string,
): Pick<Facts, 'image' | 'index' | 'params' | 'requirements'> => ({
  requirements: ['VERIFY-054'],
  image: () => image(undefined, { ...config }),
  index: listedFor(entry),
  ...(platform === undefined ? {} : { params: { platform } }),
});

const amd64 = { os: 'linux', architecture: 'amd64' };
const arm = { os: 'linux', architecture: 'arm' };

export const recipes: readonly Recipe[] = [
  verified('platform-not-requested', {
    ...facts(amd64, arm),
    title: 'The platform of the only entry has no effect if none is requested',
  }),
  verified('platform-variant-in-entry', {
    ...facts(arm, { ...arm, variant: 'v7' }, 'linux/arm/v7'),
    title: 'An entry can have a variant that the config does not have',
  }),
  verified('platform-variant-in-config', {
    ...facts({ ...arm, variant: 'v7' }, arm, 'linux/arm'),
    title: 'A config can have a variant that the entry does not have',
  }),
  verified('platform-empty-in-config', {
    ...facts({ os: '', architecture: '', variant: '' }, { ...arm, variant: 'v7' }, 'linux/arm/v7'),
    title: 'A config with an empty platform contradicts no entry',
    class: 'EDGE_CASE',
  }),
  rejected('platform-variant-against-config', 'VERIFY_PLATFORM', 'platform-variant-in-entry', {
    ...facts({ ...arm, variant: 'v6' }, { ...arm, variant: 'v7' }, 'linux/arm/v7'),
    title: 'An entry with a variant other than that of the config is rejected',
    class: 'HOSTILE',
  }),
  rejected('platform-os-against-config', 'VERIFY_PLATFORM', 'platform-variant-in-entry', {
    ...facts(arm, { ...arm, os: 'windows' }, 'windows/arm'),
    title: 'An entry with an os other than that of the config is rejected',
    class: 'HOSTILE',
  }),
  verified('platform-listed-twice', {
    ...facts(amd64, amd64, 'linux/amd64'),
    title: 'An entry of the image for a different platform has no effect',
    index: listedFor(amd64, arm),
  }),
  rejected('platform-listed-twice-other', 'VERIFY_PLATFORM', 'platform-listed-twice', {
    ...facts(amd64, amd64, 'linux/arm'),
    title: 'The second entry of an image for a different platform is rejected',
    class: 'HOSTILE',
    index: listedFor(amd64, arm),
  }),
  verified('platform-remaining-entries', {
    ...facts({ ...arm, variant: 'v7' }, arm, 'linux/arm'),
    title: 'Several entries of an image can be for the requested platform',
    index: listedFor({ ...arm, variant: 'v7' }, arm),
  }),
  rejected('platform-remaining-entry-other', 'VERIFY_PLATFORM', 'platform-remaining-entries', {
    ...facts({ ...arm, variant: 'v7' }, arm, 'linux/arm'),
    title: 'A second entry for the platform with a wrong variant is rejected',
    class: 'HOSTILE',
    index: listedFor({ ...arm, variant: 'v7' }, { ...arm, variant: 'v6' }),
  }),
];
