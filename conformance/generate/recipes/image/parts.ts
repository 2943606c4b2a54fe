/**
 * Builders of the image recipes: small layers, their trees, and the digests of these trees.
 *
 * The dumpfile of each tree is written by hand; mkcomposefs wrote its image, and `fsverity digest` measured the image.
 * @module
 */

import type { Case } from '../../../suite/case.ts';
import { type ImageParts, type Json, LayoutBuilder } from '../../builder/layout.ts';
import { archive, concat, directory, file, longLink, symlink } from '../../builder/tar.ts';
import { type Draft, type Recipe, stageOf } from '../../recipe.ts';

const usr = directory('usr/', { mtime: 1700000000 });
const etc = concat(
  directory('etc/', { mtime: 1600000000 }),
  file('etc/name', 'demo\n', { mtime: 1600000001 }),
);

/** A layer: `/etc/name` and `/usr/greeting`. */
export const hello = archive(usr, file('usr/greeting', 'hello\n', { mtime: 1700000001 }), etc);

/** The layer of a different image: only the greeting differs from {@link hello}. */
export const bonjour = archive(usr, file('usr/greeting', 'bonjour\n', { mtime: 1700000001 }), etc);

/** What an image is made of, beside its layers. */
export type Parts = Omit<ImageParts, 'layers'>;

/** The image that a case selects. */
export const one = (layout: LayoutBuilder, parts: Parts = {}) =>
  layout.image({ layers: [{ tar: hello }], ...parts });
/** A different image. */
export const other = (layout: LayoutBuilder, parts: Parts = {}) =>
  layout.image({ layers: [{ tar: bonjour }], ...parts });

/** A manifest as cosign writes it for a signature: with the config of an image. */
export const signature = (layout: LayoutBuilder, more: Json = {}) =>
  layout.image({
    layers: [
      {
        tar: new TextEncoder().encode('{"critical":{}}'),
        descriptor: { mediaType: 'application/vnd.dev.cosign.simplesigning.v1+json' },
      },
    ],
    descriptor: more,
  });

/** A layer over {@link hello}: it removes `/etc/name`, replaces the greeting and adds `/etc/motd`. */
export const goodbye = archive(
  file('etc/.wh.name'),
  file('etc/motd', 'welcome\n', { mtime: 1600000002 }),
  file('usr/greeting', 'goodbye\n', { mtime: 1700000002 }),
);

/** A layer over {@link hello}: a file that is too long to be inline. */
export const data = archive(file('usr/data', 'x'.repeat(100), { mtime: 1700000003 }));

/** A layer over {@link hello}: a symbolic link whose target is too long for format v2. */
export const longTarget = archive(
  longLink('t'.repeat(1025)),
  symlink('usr/link', 't', { mtime: 1700000003 }),
);

/** A layer over {@link hello}: `/boot` and `/sysroot`, which role merged.bootable empties. */
export const boot = archive(
  directory('boot/', { mode: 0o700, mtime: 1700000004 }),
  file('boot/kernel', 'k'),
  directory('sysroot/', { mtime: 1700000005 }),
);

/** A tree, and the digest of its image. */
export interface Tree {
  readonly dumpfile: string;
  readonly sha256: string;
  /** Absent if the dumpfile contains SHA-256 digests. */
  readonly sha512?: string;
}

const etcLines = `/etc 0 40755 2 0 0 0 1600000000.0 - - -
/etc/name 5 100644 1 0 0 0 1600000001.0 - demo\\n -
`;

function rotatedDumpfile(rotations: number): string {
  const ring = (length: number) => {
    const name = (i: number) => `/usr/ring${length}/${String(i).padStart(2, '0')}`;
    const files = [...Array(length).keys()].map(i => {
      const content = `${(i + rotations) % length}`;
      const names = i === length - 1 ? 2 : 1;
      return `${name(i)} ${content.length} 100644 ${names} 0 0 0 0.0 - ${content} -\n`;
    });
    const spare = `${name(length)} 0 @100644 - - - - 0.0 ${name(length - 1)} - -\n`;
    return `/usr/ring${length} 0 40755 2 0 0 0 0.0 - - -\n${files.join('')}${spare}`;
  };
  return `/ 0 40755 3 0 0 0 0.0 - - -\n/usr 0 40755 6 0 0 0 0.0 - - -\n${[11, 5, 7, 9].map(ring).join('')}`;
}

/** Trees by the layers they result from. */
export const trees = {
  hello: {
    dumpfile: `/ 0 40755 4 0 0 0 1700000000.0 - - -
${etcLines}/usr 0 40755 2 0 0 0 1700000000.0 - - -
/usr/greeting 6 100644 1 0 0 0 1700000001.0 - hello\\n -
`,
    sha256: '649f5ee67b4f5eb165c90a073db7ae47749cfabfd4346f066700e5a80f4729f8',
    sha512:
      '913de9021a99e124ddcf933aa303f28ed770f5b551b63eab75c816d5973639d34694dd51389058a46b883b1327124623be298890ac60053f97f2b7e0ec32f99b',
  },
  bonjour: {
    dumpfile: `/ 0 40755 4 0 0 0 1700000000.0 - - -
${etcLines}/usr 0 40755 2 0 0 0 1700000000.0 - - -
/usr/greeting 8 100644 1 0 0 0 1700000001.0 - bonjour\\n -
`,
    sha256: '395aecfeac405f60379f1c83a056b55a7d1f8f12f402bb52a471f514d43fd0d4',
    sha512:
      '6ff7044eae1b7efc8112c0b59f97ca45f3dbb2db9912ba985b7d8b17349b930b1210d13516b065224ab1740e4b2889ee8e8b28fd56c6792c0686e267e14d711f',
  },
  /** Without transforms: the root keeps its fixed attributes. */
  helloUntransformed: {
    dumpfile: `/ 0 40755 4 0 0 0 0.0 - - -
${etcLines}/usr 0 40755 2 0 0 0 1700000000.0 - - -
/usr/greeting 6 100644 1 0 0 0 1700000001.0 - hello\\n -
`,
    sha256: 'ab7120cc4a49959f3115c969590040370dd4aba2646ef6b1ca28178a1a37b29a',
    sha512:
      '2d6e26d5b11f4365221a7e6c03639ebb47d8b790849de65a2371bd1eb82f352a1a828ffd42017cd6ee2f49351f63749b5ff27179e6be33e2f4cf3651875b8ba2',
  },
  helloGoodbye: {
    dumpfile: `/ 0 40755 4 0 0 0 1700000000.0 - - -
/etc 0 40755 2 0 0 0 1600000000.0 - - -
/etc/motd 8 100644 1 0 0 0 1600000002.0 - welcome\\n -
/usr 0 40755 2 0 0 0 1700000000.0 - - -
/usr/greeting 8 100644 1 0 0 0 1700000002.0 - goodbye\\n -
`,
    sha256: 'd2418bea3379b0f17faf11c7feef68fb3ae38466f52b32d17be831a9dc7f8fd1',
    sha512:
      'bd3c8a2124a5c1fec8dc057bf9eed34ba668fd64697d4ca17851c521e7b3b51fb1bd077abce1a7bc01ebbcd6a92406fdcc67ca8e463ce5150f557565737148b0',
  },
  helloData: {
    dumpfile: `/ 0 40755 4 0 0 0 1700000000.0 - - -
${etcLines}/usr 0 40755 2 0 0 0 1700000000.0 - - -
/usr/data 100 100644 1 0 0 0 1700000003.0 da/c5f3c6c05fd30c02ab06d9447b03e0a0e7cbf3353d05b86a67eee17fb1c818 - dac5f3c6c05fd30c02ab06d9447b03e0a0e7cbf3353d05b86a67eee17fb1c818
/usr/greeting 6 100644 1 0 0 0 1700000001.0 - hello\\n -
`,
    sha256: '149efaf1abba5174f9ca2c7d094c9d932b90752dafff045863a31355ffc89d0b',
  },
  helloLongTarget: {
    dumpfile: `/ 0 40755 4 0 0 0 1700000000.0 - - -
${etcLines}/usr 0 40755 2 0 0 0 1700000000.0 - - -
/usr/greeting 6 100644 1 0 0 0 1700000001.0 - hello\\n -
/usr/link 1025 120777 1 0 0 0 1700000003.0 ${'t'.repeat(1025)} - -
`,
    sha256: '655ce1dcb769ce19c944ab675b9b1d32c84cd7ffd7fd6e6c382c1407dc978533',
  },
  /** In role merged.bootable. */
  helloBoot: {
    dumpfile: `/ 0 40755 6 0 0 0 1700000000.0 - - -
/boot 0 40700 2 0 0 0 1700000000.0 - - -
${etcLines}/sysroot 0 40755 2 0 0 0 1700000000.0 - - -
/usr 0 40755 2 0 0 0 1700000000.0 - - -
/usr/greeting 6 100644 1 0 0 0 1700000001.0 - hello\\n -
`,
    sha256: 'af271c6858ed0e8e151f4f36a3022a7eb00ec15b6ea044aba66d78732e8cd522',
    sha512:
      '22960069d52f9acc32e18805cb896b6db9d1a4c0dd7474d7068a62de8548c2193f71174eb115ea8b61d65d983c5281d15164c8edffadc305764d0e931df54ca1',
  },
  /** Four rings of files after 1,023 rotations: name `i` of `n` has the content of the file `i + 1023`. */
  rotated: {
    dumpfile: rotatedDumpfile(1023),
    sha256: '1c59b1e6ca4497a29ade9f56297b5be6a5890083506146e489d67b7434415fb8',
  },
  /** With transform oci: the root has the attribute of `/usr` too. */
  longAttribute: {
    dumpfile: `/ 0 40755 3 0 0 0 0.0 - - - user.a=${'v'.repeat(32742)}
/usr 0 40755 2 0 0 0 0.0 - - - user.a=${'v'.repeat(32742)}
`,
    sha256: 'cc2454a37910eb17f358efa241e2ff18a5414daa0fcb365400775c4bee2945f9',
  },
  empty: {
    dumpfile: '/ 0 40755 2 0 0 0 0.0 - - -\n',
    sha256: '14a26c957c84f6eb774b91205476adc13196c7c33b9dd97d08d43725ecb90b63',
    sha512:
      'ee192e5a91c70428c8f2ca7abf8274b695494c70a9ffb277598ffbacf46e2cebd7de172c6d44a84c20f3f13cc97e7691ccce4974937fe866c2f6c83ddccd3f72',
  },
} as const satisfies Record<string, Tree>;

const params = {
  role: 'merged',
  transform: 'oci',
  xattrs: 'allowlist-only',
  algorithm: 'fsverity-sha256-12',
  format: 'v1',
};

/** The facts of a case, and how its layout is built. */
type Facts = Pick<Draft, 'title' | 'requirements'> &
  Partial<Pick<Draft, 'needs' | 'tags' | 'class' | 'links'>> & {
    /** Whether `cfsctl oci compute-id` of composefs-rs 0.9.4 gives the same digest for the layout. */
    readonly byComposefsRs?: true;
    /** Whether containers/storage builds the tree from the layer; `npm run judges` asks it. */
    readonly byStorage?: true;
    /** Who else computed the digest. Default: mkcomposefs, and those for which a member above is set. */
    readonly confirmedBy?: readonly string[];
    /** Overrides of the default parameters. */
    readonly params?: Case['params'];
    readonly build: (layout: LayoutBuilder) => unknown;
  };

/** An image that has a digest. */
export function accepts(slug: string, tree: Tree, facts: Facts): Recipe {
  const sha512 = facts.params?.['algorithm'] === 'fsverity-sha512-12';
  const digest = sha512 ? tree.sha512 : tree.sha256;
  if (digest === undefined)
    throw new Error(`image/${slug}: the tree has no digest for this algorithm; add it`);
  const confirmedBy = facts.confirmedBy ?? [
    'mkcomposefs 1.0.8 (the image, from a dumpfile of the tree)',
    ...(sha512 ? ['fsverity-utils 1.6 (its digest)'] : []),
    ...(facts.byComposefsRs ? ['composefs-rs 0.9.4'] : []),
    ...(facts.byStorage ? ['containers/storage 1.65.1 (the tree)'] : []),
  ];
  return recipe(slug, facts, { expect: { outcome: 'accept', values: { digest } }, confirmedBy });
}

/** An image that is rejected with `code`; `control` is the slug of the nearest image that is accepted. */
export function rejects(slug: string, code: string, control: string, facts: Facts): Recipe {
  return recipe(slug, facts, {
    expect: { outcome: 'reject', stage: stageOf(code), reasons: [code] },
    control: `image/${control}`,
  });
}

function recipe(
  slug: string,
  { build, params: more, byComposefsRs, byStorage, confirmedBy: _, ...facts }: Facts,
  rest: Pick<Draft, 'expect' | 'control' | 'confirmedBy'>,
): Recipe {
  return {
    id: `image/${slug}`,
    make: () => {
      const layout = new LayoutBuilder();
      build(layout);
      const files = Object.entries(layout.files).map(([path, content]) => [`in/layout/${path}`, content]);
      return {
        ...facts,
        ...rest,
        op: 'image.digest',
        input: { layout: 'in/layout' },
        params: { ...params, ...more },
        files: Object.fromEntries(files),
      };
    },
  };
}
