/**
 * Known differences between `composefs-oci` and other tools on the real images, with the reason for each.
 * @module
 */

/** A known difference. */
export interface KnownImageDifference {
  /** The name of the image. */
  readonly image: string;
  /** The beginning of the name of the other tool. */
  readonly by: string;
  /** The comparisons in which it occurs. */
  readonly what: RegExp;
  /** Matches the message of the other tool if it fails, or the lines that differ. */
  readonly said: RegExp;
  readonly why: string;
  readonly link: string;
}

/** All of them. A comparison in which a known difference no longer occurs is reported as different. */
export const knownImageDifferences: readonly KnownImageDifference[] = [
  {
    image: 'minimal',
    by: 'GNU tar',
    what: /unpacked/,
    // The layer that umoci wrote has an entry for /usr/bin/find, but none for its directory.
    said: /^\/usr\/bin 0 40755 /,
    why: 'a file system updates the time of a directory when a name in it changes; a layer does so only by an entry (MERGE-010)',
    link: 'https://github.com/bootc-dev/bootc/issues/2194',
  },
  {
    image: 'static',
    by: 'composefs-rs',
    what: /of the image|store of composefs-rs/,
    said: /Directory entry "usr" does not exist/,
    why: 'composefs-rs rejects an image without /usr; the standard gives its root fixed attributes (XFORM-002)',
    link: 'https://github.com/composefs/composefs-rs/blob/main/crates/composefs/src/generic_tree.rs',
  },
  {
    image: 'owners',
    by: 'composefs-rs',
    what: /tree by Python/,
    said: /\/soft .*Symlink target length \d+ exceeds limit 1024/s,
    why: 'composefs-rs accepts link targets of more than 1024 bytes in a layer, but not in a dumpfile; Linux allows 4095 bytes',
    link: 'https://github.com/composefs/composefs-rs/blob/main/crates/composefs/src/dumpfile_parse.rs',
  },
  ...['umoci', 'GNU tar'].map(by => ({
    image: 'owners',
    by,
    what: /unpacked/,
    said: /^\/hand\/pax /,
    why: 'user 4294967295 is -1, with which chown(2) changes nothing; an image can still have this owner',
    link: 'https://man7.org/linux/man-pages/man2/chown.2.html',
  })),
  {
    image: 'owners',
    by: 'umoci',
    what: /unpacked/,
    said: /^\/pax\/mode-2755 .*/,
    why: "Go's archive/tar drops extended attributes with an empty value, so umoci does not set them (LAYER-093)",
    link: 'https://github.com/golang/go/blob/master/src/archive/tar/reader.go',
  },
];
