/**
 * The warnings of `composefs-oci lint` (spec/upstream.md, "Lint warnings").
 * @module
 */

/** The input that each warning is about, and what other tools do with it, as the table in spec/upstream.md says. */
export const warnings = {
  'implied-parent':
    'a directory that no entry creates: composefs-rs rejects it; Docker and containerd give it different attributes and times',
  'same-layer-whiteout':
    'a whiteout in the layer of what it names: composefs-rs removes what comes before the marker; moby and containerd do so for whiteouts, but not for opaque markers',
  'whiteout-parent':
    'a whiteout in a directory that does not exist when its entry comes: composefs-rs rejects it; moby and containerd create the directory if it is missing',
  'whiteout-hardlink':
    'a whiteout that is a hard link without a target: composefs-rs looks up the target, and rejects the entry',
  'duplicate-entry':
    'two entries for one path in a layer, unless they are equal directories: containers/storage rejects two entries that differ; the image specification forbids them',
  'reserved-name': 'a reserved name, such as .wh..wh.plnk: composefs-rs rejects what is below it',
  'name-not-utf8':
    'a name or target that is not UTF-8: lists of files in JSON, as in zstd:chunked and eStargz, have a different name',
  'symlink-long': 'a symbolic link to more than 1024 bytes: composefs-rs rejects it',
  'mtime-fraction':
    'an mtime with a fraction of a second: composefs-rs truncated it until composefs-rs#310, and still does in its format V2',
  'xattr-left-out':
    'an extended attribute that is left out by default: containers/storage keeps it, and composefs-rs with keep-user-xattrs keeps those in user.',
  'xattr-empty': 'an extended attribute with an empty value: Xattrs of Go archive/tar lacks it',
  'xattr-record':
    'a PAX record that is not SCHILY.xattr. and represents an extended attribute, a label or an access control list: libarchive reads it; GNU tar reads RHT.security.selinux and SCHILY.acl. if it is asked to',
  'global-header': 'a global PAX header with more than comments: GNU tar and Python apply it',
  'header-version':
    'a ustar header with a version other than 00: composefs-rs reads it as a v7 header, without the prefix',
  'header-times':
    'a GNU header with an access time, and no longer name in an extended header: Python reads the time as a prefix of the name',
  'checksum-signed': 'a checksum that adds up signed bytes: tar-core 0.1 rejects it',
  'size-ignored':
    'a size in the header of a hard link or directory: composefs-rs skips content after it, and so does libarchive after a hard link if a PAX header precedes it in the archive',
  'hardlink-lower':
    'a hard link to a file of a lower layer: containers/storage gives it no digest; the layer alone has no image',
  'hardlink-attributes':
    'a hard link entry whose attributes differ from those of its target: Go-based tools and Python set them on the shared file',
  'device-0-0': 'a character device 0:0: overlayfs treats it as a whiteout, and the layer alone has no image',
  'root-entry': 'an entry for the root: containers/storage uses its attributes',
  'run-content': 'content in /run: containers/storage keeps it',
  'run-not-directory': 'a /run that is not a directory: composefs-rs rejects the image',
  'no-usr': 'an image without a directory /usr: composefs-rs rejects it',
  'no-boot-directory':
    'a bootable image without a directory /boot or /sysroot: composefs-rs rejects it as a bootable image',
  'selinux-policy':
    'an SELinux policy with which the image is rejected as a bootable image: composefs-rs and libselinux read the policy differently, or reject it',
  'label-hard-link':
    'a name of a file that the SELinux policy labels differently from another name: programs that use libselinux label the file by one of its names; composefs-rs makes it two files in a bootable image',
  'gzip-members': 'several gzip members: composefs-rs before 0.9.2 read only the first one',
  'gzip-header-checksum': 'a gzip header with a checksum of its own: composefs-rs 0.9.4 rejects it',
  'zstd-frames': 'several zstd frames, or a skippable one: composefs-rs before 0.9.2 read only the first one',
  'zstd-window':
    'a zstd frame with a window of more than 32 MiB: decoders can reject it, and fzstd 0.1 can misread it',
  'archive-end':
    'an archive that does not end with two blocks of zeros: tar-core 0.1 rejects one block of zeros at the end; GNU tar, libarchive and Python reject an archive of no bytes',
  'docker-media-type':
    'a Docker media type: composefs-rs does not read it in a layout; a Docker image cannot be sealed inline',
  'older-config-type':
    'an older media type of the config of a Docker image: Docker with the image store of containerd fails to pull the image',
  'index-nested': 'an image below two or more indexes: composefs-rs reads no index below another one',
  'null-member':
    'a list or an optional member that is null: oci-spec-rs, which composefs-rs uses, rejects such a list; the schemas of the image specification forbid null',
  'json-nested':
    'a document whose objects and arrays are nested more than 100 deep: serde_json, which composefs-rs uses, rejects more than 127 levels',
  'os-features':
    'an image that needs features of the operating system, for the same operating system and architecture: composefs-rs does not read os.features; containerd also selects an image that needs only some of the requested features',
  'other-manifest':
    'a manifest that resembles an image and is ignored: composefs-rs uses the first manifest for the machine',
  'toc-wrong':
    'a table of contents that does not agree with its layer: containers/storage rejects it, downloads the whole layer, or has a different tree; verifiers reject the image',
  'toc-estargz':
    'a layer with the annotation of eStargz: clients that use its table of contents show what the table says, which is not compared',
  'platform-wrong':
    'an index that lists the image for a platform that its config contradicts: verifiers reject the image where the platform decides',
  'older-name': 'a digest under an older name: no tool writes it any more',
  'published-wrong': 'a published digest that is not that of the image: verifiers reject the image',
} as const;
export type WarningCode = keyof typeof warnings;

/** A warning, with its first occurrence. */
export interface LintWarning {
  readonly code: WarningCode;
  readonly message: string;
  /** The platform of the image, if several images were checked. */
  readonly platform?: string | undefined;
  readonly layer: number | undefined;
  /** The name of the entry, or further detail. */
  readonly entry: string | undefined;
  /** Number of occurrences. */
  readonly count: number;
}

/** Collects and counts the warnings about one image. */
export class WarningCollector {
  readonly #warnings = new Map<WarningCode, LintWarning>();

  /** Adds a warning about the image, about a layer, or about an entry in a layer. */
  add(code: WarningCode, layer?: number, entry?: string): void {
    const before = this.#warnings.get(code);
    this.#warnings.set(
      code,
      before === undefined
        ? { code, message: warnings[code], layer, entry, count: 1 }
        : { ...before, count: before.count + 1 },
    );
  }

  /** The warnings, in the order of {@link warnings}. */
  list(): LintWarning[] {
    return Object.keys(warnings).flatMap(code => this.#warnings.get(code as WarningCode) ?? []);
  }
}
