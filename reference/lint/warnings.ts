/**
 * What `composefs-oci lint` warns of (spec/upstream.md, "Lint warnings").
 * @module
 */

/** What is warned of, and why. */
export const warnings = {
  'implied-parent': 'a directory that no entry makes: tools refuse it, or give it other attributes and times',
  'same-layer-whiteout':
    'a whiteout in the layer of what it names: some tools remove that, the image specification does not',
  'duplicate-entry': 'one path twice in a layer: the image specification forbids it, and tools differ',
  'reserved-name': 'a name that begins with .wh..wh.: some tools leave it out, others refuse the layer',
  'name-not-utf8': 'a name or target that is not UTF-8: tools that keep names in JSON change it',
  'symlink-long': 'a symbolic link to more than 1024 bytes: composefs-rs refuses it',
  'mtime-fraction': 'a time with a fraction of a second: older tools cut it off',
  'xattr-left-out':
    'an extended attribute that is left out by default, and kept by older tools and other policies',
  'hardlink-lower': 'a hard link to a file of a lower layer: the layer has no digest of its own',
  'device-0-0': 'a character device 0:0, which is a whiteout for overlayfs',
  'root-entry': 'an entry for the root: it is not used, and some tools use it',
  'run-content': 'something in /run: it is left out, and other tools keep it',
  'run-not-directory': 'a /run that is no directory: composefs-rs refuses the image',
  'no-usr': 'no directory /usr: composefs-rs refuses the image',
  'no-boot-directory':
    'an image to be booted without the directories /boot and /sysroot: composefs-rs refuses it',
  'selinux-policy':
    'an SELinux policy: the digest for booting depends on labels, which nothing here computes',
  'gzip-members': 'several gzip members: some tools read the first one alone',
  'zstd-frames': 'several zstd frames, or skippable ones: some tools read the first one alone',
  'archive-end': 'an archive that does not end with two blocks of zeros: some tools refuse it, or read on',
  'docker-media-type':
    'a media type of Docker: composefs-rs refuses it in a layout, and it has no annotations',
  'older-name': 'a digest under an older name: it is read, and nothing writes it any more',
  'published-wrong': 'a published digest that is not that of the image: it came from another one',
} as const;
export type WarningCode = keyof typeof warnings;

/** One warning, and where it was met first. */
export interface LintWarning {
  readonly code: WarningCode;
  readonly message: string;
  /** The platform of the image, where there are several. */
  readonly platform?: string | undefined;
  readonly layer: number | undefined;
  /** The name of the entry, or what else is meant. */
  readonly entry: string | undefined;
  /** How often. */
  readonly count: number;
}

/** Warnings of one image, counted. */
export class WarningCollector {
  readonly #warnings = new Map<WarningCode, LintWarning>();

  /** Adds a warning of the whole image, or of one layer and perhaps an entry in it. */
  add(code: WarningCode, layer?: number, entry?: string): void {
    const before = this.#warnings.get(code);
    this.#warnings.set(
      code,
      before === undefined
        ? { code, message: warnings[code], layer, entry, count: 1 }
        : { ...before, count: before.count + 1 },
    );
  }

  /** In the order of {@link warnings}. */
  list(): LintWarning[] {
    return Object.keys(warnings).flatMap(code => this.#warnings.get(code as WarningCode) ?? []);
  }
}
