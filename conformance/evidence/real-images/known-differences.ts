/**
 * Differences that are known, and who is right.
 * @module
 */

/** A difference that is expected. */
export interface Explanation {
  /** Name of the image. */
  readonly image: string;
  /** How the name of the other one begins. */
  readonly by: string;
  /** What is compared. */
  readonly what: RegExp;
  /** Why the other one gives no answer, or lines in which the two differ. */
  readonly said: RegExp;
  readonly why: string;
  readonly link: string;
}

/** All of them. One that explains nothing any more fails its check. */
export const explanations: readonly Explanation[] = [
  {
    image: 'minimal',
    by: 'GNU tar',
    what: /unpacked/,
    // The layer that umoci found changed has an entry for /usr/bin/find, and none for its directory.
    said: /^\/usr\/bin 0 40755 /,
    why: 'a file system sets the time of a directory in which a name changes; a layer does only by an entry (MERGE-010)',
    link: 'https://github.com/bootc-dev/bootc/issues/2194',
  },
  {
    image: 'static',
    by: 'composefs-rs',
    what: /of the image/,
    said: /Directory entry "usr" does not exist/,
    why: 'composefs-rs refuses an image without /usr; here its root has fixed attributes (XFORM-002)',
    link: 'https://github.com/composefs/composefs-rs/blob/main/crates/composefs/src/generic_tree.rs',
  },
  {
    image: 'owners',
    by: 'composefs-rs',
    what: /tree by Python/,
    said: /\/soft .*Symlink target length \d+ exceeds limit 1024/s,
    why: 'composefs-rs reads no link target above 1024 bytes from a dumpfile, and takes one from a layer; Linux has 4095',
    link: 'https://github.com/composefs/composefs-rs/blob/main/crates/composefs/src/dumpfile_parse.rs',
  },
  ...['umoci', 'GNU tar'].map(by => ({
    image: 'owners',
    by,
    what: /unpacked/,
    said: /^\/hand\/pax /,
    why: 'user 4294967295 is -1, for which chown(2) changes nothing; an image can have it all the same',
    link: 'https://man7.org/linux/man-pages/man2/chown.2.html',
  })),
  {
    image: 'owners',
    by: 'umoci',
    what: /unpacked/,
    said: /^\/pax\/mode-2755 .*/,
    why: "Go's archive/tar shows no extended attribute without a value, so umoci does not set it (LAYER-093)",
    link: 'https://github.com/golang/go/blob/master/src/archive/tar/reader.go',
  },
];
