import { describe, expect, test } from 'vitest';
import {
  archive,
  type Bytes,
  concat,
  directory,
  fifo,
  file,
  hardlink,
  pax,
  symlink,
} from '../../conformance/generate/builder/tar.ts';
import { example } from '../../spec/tool/example.ts';
import { inodeAt } from '../arbitrary-tree.test.helper.ts';
import { buildTree, type Layers } from '../build-tree.ts';
import { ascii } from '../bytes.ts';
import { ComposefsError } from '../errors.ts';
import { nodeSha2 } from '../hash/node/sha2.ts';

const FILES = 'etc/selinux/t/contexts/files';
const CONFIG = file('etc/selinux/config', 'SELINUXTYPE=t\n');
const lines = (text: string) => file(`${FILES}/file_contexts`, text);

/** Counts how often layers are read. */
class CountedLayers {
  readings = 0;
  readonly #tars: readonly Uint8Array[];

  constructor(...tars: Uint8Array[]) {
    this.#tars = tars;
  }

  *[Symbol.iterator]() {
    this.readings++;
    for (const tar of this.#tars) {
      yield (async function* () {
        for (let at = 0; at < tar.length; at += 1000) yield tar.subarray(at, at + 1000);
      })();
    }
  }
}

const bootable = (layers: Layers) =>
  buildTree(layers, {
    role: 'merged.bootable',
    transform: 'oci',
    xattrs: 'allowlist-only',
    algorithm: 'fsverity-sha256-12',
    sha2: nodeSha2,
  });

async function labelAt(path: string, ...tars: Uint8Array[]): Promise<string | undefined> {
  const tree = await bootable(new CountedLayers(...tars));
  return inodeAt(tree, path)?.xattrs.get(ascii('security.selinux'));
}

/** The code and the message of a rejection, or undefined. */
async function rejection(...entries: Uint8Array[]): Promise<string | undefined> {
  try {
    await bootable(new CountedLayers(archive(...entries)));
    return undefined;
  } catch (error) {
    if (error instanceof ComposefsError) return error.message;
    throw error;
  }
}

test('the example of the chapter', async () => {
  const text = example('selinux-contexts').replaceAll('small', 't');
  const config = example('selinux-config').replace('=small', '=t');
  const tar = archive(file('etc/selinux/config', config), lines(text), file('usr/bin/tool'));
  expect(await labelAt('usr/bin/tool', tar)).toBe('system_u:object_r:bin_t:s0');
  expect(await labelAt('usr/bin', tar)).toBe('system_u:object_r:default_t:s0');
  expect(await labelAt('', tar)).toBe('system_u:object_r:root_t:s0');
});

describe('where there is a policy', () => {
  test.each<[string, Uint8Array[], RegExp | undefined]>([
    ['no /etc', [], undefined],
    ['no config', [directory('etc/selinux/')], undefined],
    ['an empty config', [file('etc/selinux/config')], undefined],
    ['no type', [file('etc/selinux/config', 'SELINUX=enforcing\n#SELINUXTYPE=t\n')], undefined],
    ['a policy that nothing names', [lines('wrong')], undefined],
    ['a link at /etc', [symlink('etc', 'usr/etc')], /"\/etc": .* a symbolic link .*_SELINUX/],
    ['a file at /etc/selinux', [file('etc/selinux')], /"\/etc\/selinux": .*regular file.*_SELINUX/],
    ['a directory at the config', [directory('etc/selinux/config')], /\/config": .*_SELINUX/],
    ['a link at the config', [symlink('etc/selinux/config', 'x')], /\/config": .*_SELINUX/],
    [
      'a default policy without a config',
      [file('etc/selinux/targeted/contexts/files/file_contexts')],
      /targeted.*does not name its type.*_SELINUX/,
    ],
    [
      'a default policy without a type',
      [file('etc/selinux/config'), symlink('etc/selinux/default', 'x')],
      /"\/etc\/selinux\/default": .*_SELINUX/,
    ],
    [
      'a directory of a default policy without a file',
      [directory('etc/selinux/default/contexts/files/')],
      undefined,
    ],
    [
      'the type without a directory',
      [CONFIG],
      /"\/etc\/selinux\/t\/contexts\/files": .*no such directory.*_SELINUX/,
    ],
    ['the type as a link', [CONFIG, symlink('etc/selinux/t', 'x')], /"\/etc\/selinux\/t": .*_SELINUX/],
    ['no file_contexts', [CONFIG, file(`${FILES}/file_contexts.local`)], /file_contexts": .*_SELINUX/],
    [
      'a fifo beside it',
      [CONFIG, lines(''), fifo(`${FILES}/file_contexts.subs`)],
      /subs": .*a fifo.*_SELINUX/,
    ],
    ['any other file beside it', [CONFIG, lines(''), fifo(`${FILES}/file_contexts.bin`)], undefined],
  ])('%s', async (_, entries, expected) => {
    if (expected === undefined) expect(await rejection(...entries)).toBeUndefined();
    else expect(await rejection(...entries)).toMatch(expected);
  });

  test('a policy labels only bootable images', async () => {
    const options = { xattrs: 'allowlist-only', algorithm: 'fsverity-sha256-12', transform: 'oci' } as const;
    const tree = await buildTree(new CountedLayers(archive(CONFIG, lines('/.* x'))), {
      ...options,
      role: 'merged',
    });
    expect(tree.xattrs.size).toBe(0);
  });

  test('labels of the layers are gone, with a policy and without one', async () => {
    const other = concat(pax({ 'SCHILY.xattr.security.selinux': 'old' }), file('a'));
    expect(await labelAt('a', archive(other))).toBeUndefined();
    expect(await labelAt('a', archive(other, CONFIG, lines('')))).toBeUndefined();
    expect(await labelAt('a', archive(other, CONFIG, lines('/a new')))).toBe('new');
  });
});

describe('the config', () => {
  const config = (text: Bytes) => rejection(file('etc/selinux/config', text), lines('wrong'));
  test.each<[string, Bytes]>([
    ['white space around it', '\v \tSELINUXTYPE= \tt \r\n'],
    ['the key in other case', 'x\nSelinuxType=t'],
    ['a comment that is UTF-8', '# \u00e9\n  # \0\nSELINUXTYPE=t'],
  ])('%s names the type', async (_, text) => {
    expect(await config(text)).toContain('number of words');
  });

  test.each<[string, Bytes, string]>([
    ['two types', 'SELINUXTYPE=t\nselinuxtype=t\n', 'line 2: the file has a second line'],
    ['white space before =', 'a\nSELINUXTYPE =t\n', 'line 2: white space comes between'],
    ['an empty type', 'SELINUXTYPE=\n', '"" cannot be a type'],
    ['..', 'SELINUXTYPE=..\n', '".." cannot be a type'],
    ['a slash', 'SELINUXTYPE=t/\n', '"t/" cannot be a type'],
    ['a comment behind the type', 'SELINUXTYPE=t # x\n', '"t # x" cannot be a type'],
    ['quotation marks', 'SELINUXTYPE="t"', 'cannot be a type'],
    [
      'a comment that is not UTF-8',
      Buffer.from('# \xe9\nSELINUXTYPE=t', 'latin1'),
      'line 1: the line is not UTF-8',
    ],
    ['another line that is not ASCII', 'SELINUX=\u00e9\n', 'line 1: the line contains a NUL or a byte'],
    ['a NUL', 'a\0\n', 'line 1: the line contains a NUL'],
  ])('%s is rejected', async (_, text, expected) => {
    expect(await config(text)).toContain(`entry "/etc/selinux/config"`);
    expect(await config(text)).toContain(expected);
  });
});

describe('lines', () => {
  test.each<[string, Bytes]>([
    ['comments and blank lines', '# \u00e9\n\n \t\v\f\r\n#x\n  # x y z\n'],
    ['white space of every kind', '\t/a \v\f--\rx\r\n'],
    ['no newline at the end', '/a x'],
    ['any label', '/a <<None>>\n/b :::\n/c x#y\n'],
    ['a pattern and a label of 4,000 bytes', `/${'a'.repeat(3999)} ${'x'.repeat(4000)}`],
  ])('%s are read', async (_, text) => {
    expect(await rejection(CONFIG, lines(text as string))).toBeUndefined();
  });

  test.each<[string, Bytes, string]>([
    ['one word', '/a x\n/a\n', 'line 2: the number of words is 1'],
    ['four words', '/a -- x y', 'line 1: the number of words is 4'],
    ['an unknown type', '/a -D x', '"-D" is not a type of inode'],
    ['three words without a type', '/a x # y'.replace(' y', ''), '"x" is not a type of inode'],
    ['a type without a label', '/a --', 'the label "--" begins with -'],
    ['a byte that is not ASCII', '/\u00e9 x', 'contains the byte 0xc3'],
    ['a NUL', '/a\0 x', 'contains the byte 0x00'],
    ['DEL', '/a\x7f x', 'contains the byte 0x7f'],
    ['a comment that is not UTF-8', Buffer.from('\n# \xff', 'latin1'), 'line 2: the comment is not UTF-8'],
    ['a pattern of 4,001 bytes', `${'a'.repeat(4001)} x`, 'the pattern has 4001 bytes'],
    ['a label of 4,001 bytes', `/a ${'x'.repeat(4001)}`, 'the label has 4001 bytes'],
    [
      'an unsupported pattern',
      '/a x\n/a{2} x\n',
      'line 2: the pattern is not supported: a "{" without a backslash at byte 3',
    ],
  ])('%s is rejected', async (_, text, expected) => {
    for (const name of ['file_contexts', 'file_contexts.local', 'file_contexts.homedirs']) {
      const message = await rejection(CONFIG, lines(''), file(`${FILES}/${name}`, text));
      expect(message).toContain(`entry "/${FILES}/${name}", line`);
      expect(message).toContain(expected);
    }
  });

  test.each(['/a', '/a /b /c', '/a b', '/ /a', '/a/ /b', '/a /b/', '/a//b /c', '/a /./b', '/a /..', 'a /b'])(
    'the alias line "%s" is rejected',
    async text => {
      for (const name of ['file_contexts.subs', 'file_contexts.subs_dist']) {
        const message = await rejection(CONFIG, lines(''), file(`${FILES}/${name}`, `# x\n${text}\n`));
        expect(message).toMatch(/subs.*line 2: .*\(TRANSFORM_SELINUX\)/);
      }
    },
  );

  test.each(['file_contexts.subs', 'file_contexts.subs_dist'])('long lines of %s', async name => {
    const read = (text: string) => rejection(CONFIG, lines(''), file(`${FILES}/${name}`, text));
    const target = `/${'t'.repeat(1018)}`;
    expect(await read(`/a ${target}\n#${' '.repeat(1021)}\n/b ${target}`)).toBeUndefined();
    expect(await read(`/a ${target}\n/b ${target} \n`)).toContain(
      'line 2: the line has 1023 bytes, more than 1022',
    );
    expect(await read(`\n#${' '.repeat(1022)}`)).toContain('line 2: the line has 1023 bytes');
  });

  test('the target of an alias can be /', async () => {
    expect(await rejection(CONFIG, lines(''), file(`${FILES}/file_contexts.subs`, '/a /'))).toBeUndefined();
  });
});

describe('files that are too long', () => {
  const comments = (size: number) => `#${'x'.repeat(999)}\n`.repeat(Math.ceil(size / 1001)).slice(0, size);
  test.each<[string, number, Uint8Array[]]>([
    ['etc/selinux/config', 65_536, []],
    [`${FILES}/file_contexts`, 4_194_304, [CONFIG]],
    [`${FILES}/file_contexts.subs_dist`, 4_194_304, [CONFIG, lines('')]],
  ])('%s', async (name, most, others) => {
    expect(await rejection(...others, file(name, comments(most)))).toBeUndefined();
    expect(await rejection(...others, file(name, comments(most + 1)))).toContain('TRANSFORM_LIMIT');
  });
});

describe('content', () => {
  const long = `#${'x'.repeat(100)}\n`;
  const config = `${long}SELINUXTYPE=t\n`;
  const policy = (label: string) => `${long}/.* ${label}\n`;

  test('of one reading, in whatever layer it is', async () => {
    const layers = new CountedLayers(
      archive(file('etc/selinux/config', config), lines(policy('old'))),
      archive(lines(policy('new')), file('a')),
    );
    const tree = await bootable(layers);
    expect(tree.xattrs.get(ascii('security.selinux'))).toBe('new');
    expect(layers.readings).toBe(1);
  });

  test('of files at other paths, in a second reading', async () => {
    const layers = new CountedLayers(
      archive(file('a', config), file('b', policy('x')), file('c', policy('y'))),
      archive(hardlink('etc/selinux/config', 'a'), hardlink(`${FILES}/file_contexts`, 'b')),
    );
    const tree = await bootable(layers);
    expect(tree.xattrs.get(ascii('security.selinux'))).toBe('x');
    expect(layers.readings).toBe(2);
  });

  test('of a file at another path that is not of the type: one reading', async () => {
    const other = 'etc/selinux/other/contexts/files/file_contexts';
    const layers = new CountedLayers(
      archive(CONFIG, lines(policy('x')), file('c', policy('y')), hardlink(other, 'c')),
    );
    await bootable(layers);
    expect(layers.readings).toBe(1);
  });

  test('of more files than are kept is found in a second reading', async () => {
    const filler = Array.from({ length: 9 }, (_, i) =>
      file(`etc/selinux/${i}/contexts/files/file_contexts`, `#${'x'.repeat(4_000_000)}${i}`),
    );
    const layers = new CountedLayers(archive(...filler, CONFIG, lines(policy('x'))), archive(...filler));
    const tree = await bootable(layers);
    expect(tree.xattrs.get(ascii('security.selinux'))).toBe('x');
  });

  test('is not found again in layers that can be iterated only once', async () => {
    const layers = new CountedLayers(archive(file('a', config), hardlink('etc/selinux/config', 'a')));
    const once = layers[Symbol.iterator]();
    await expect(bootable(once)).rejects.toThrow('iterable a second time');
  });
});
