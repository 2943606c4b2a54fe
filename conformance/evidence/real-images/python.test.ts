import { spawnSync } from 'node:child_process';
import { linkSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { hex } from '../../../reference/bytes.ts';
import { fsverityDigest } from '../../../reference/fsverity/digest.ts';
import { LayoutBuilder, tag } from '../../generate/builder/layout.ts';
import {
  archive,
  character,
  concat,
  directory,
  file,
  hardlink,
  longName,
  pax,
  symlink,
} from '../../generate/builder/tar.ts';
import { isInstalled } from '../processes.ts';
import { python, script } from './python.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'python-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function run(name: Parameters<typeof script>[0], ...args: string[]): string {
  const { status, stdout, stderr } = spawnSync(python, ['-B', script(name), ...args], { encoding: 'latin1' });
  if (status !== 0) throw new Error(stderr);
  return stdout;
}

const content = Buffer.alloc(10_000, 'content ');
const digests = {
  sha256: hex(fsverityDigest(content, 'fsverity-sha256-12')),
  sha512: hex(fsverityDigest(content, 'fsverity-sha512-12')),
};

// Python has os.listxattr only on Linux.
describe.skipIf(!isInstalled(python) || process.platform !== 'linux')('the scripts', () => {
  test('read_layers.py merges layers, and writes each view', () => {
    const lower = archive(
      directory('./usr/', { mode: 0o755, mtime: 5 }),
      file('./usr/big', content, { mtime: 5 }),
      directory('./etc/'),
      file('./etc/gone'),
      file('./etc/kept', 'kept\n'),
      directory('./run/'),
      file('./run/pid', '1'),
      directory('./srv/'),
      file('./srv/old'),
    );
    const upper = archive(
      hardlink('usr/also', 'usr/big'),
      file('etc/.wh.gone'),
      file('srv/new', '-'),
      file('srv/.wh..wh..opq'),
      pax({
        mtime: '7.25',
        'SCHILY.xattr.user.a': 'b',
        'SCHILY.xattr.security.capability': Uint8Array.of(1, 0xff),
      }),
      file('implied/x', 'x'),
      longName(concat('etc/', Uint8Array.of(0xe4))),
      symlink('ignored', 'kept'),
      character('etc/tty', 300, 70000),
    );
    const builder = new LayoutBuilder();
    builder.index(
      builder.image({
        layers: [{ tar: lower, compression: 'gzip' }, { tar: upper }],
        descriptor: tag('latest'),
      }),
    );
    for (const [path, bytes] of Object.entries(builder.files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), bytes);
    }
    run('read_layers.py', folder, 'latest', folder);
    const view = (name: string) => readFileSync(join(folder, `${name}.dump`), 'latin1');
    const { sha256, sha512 } = digests;
    const object = (digest: string) => `${digest.slice(0, 2)}/${digest.slice(2)} - ${digest}`;
    const xattrs = { capability: 'security.capability=\\x01\\xff', user: 'user.a=b' };
    // minor & 0xff | major << 8 | (minor & 0xfff00) << 12
    const device = (70000 % 256) + 300 * 256 + (70000 - (70000 % 256)) * 4096;
    const expected = (root: string, digest: string, kept: string, run: string) => `\
/ 0 40755 7 0 0 0 ${root} - - -
/etc 0 40755 2 0 0 0 0.0 - - -
/etc/kept 5 100644 1 0 0 0 0.0 - kept\\n -
/etc/tty 0 20600 1 0 0 ${device} 0.0 - - -
/etc/\\xe4 4 120777 1 0 0 0 0.0 kept - -
/implied 0 40755 2 0 0 0 0.0 - - -
/implied/x 1 100644 1 0 0 0 7.250000000 - x -${kept}
${run}/srv 0 40755 2 0 0 0 0.0 - - -
/srv/new 1 100644 1 0 0 0 0.0 - \\x2d -
/usr 0 40755 2 0 0 0 5.0 - - -
/usr/also 10000 100644 2 0 0 0 5.0 ${object(digest)}
/usr/big 0 @100644 - - - - 0.0 /usr/also - -
`;
    const both = ` ${xattrs.capability} ${xattrs.user}`;
    const full = '/run 0 40755 2 0 0 0 0.0 - - -\n/run/pid 1 100644 1 0 0 0 0.0 - 1 -\n';
    const emptied = '/run 0 40755 2 0 0 0 5.0 - - -\n';
    expect(view('none-sha256')).toBe(expected('0.0', sha256, both, full));
    expect(view('allowlist-only-sha256')).toBe(expected('5.0', sha256, ` ${xattrs.capability}`, emptied));
    expect(view('allowlist-only-sha512')).toBe(expected('5.0', sha512, ` ${xattrs.capability}`, emptied));
    expect(view('keep-user-xattrs-sha256')).toBe(expected('5.0', sha256, both, emptied));
  });

  test('list_directory.py lists a directory', () => {
    writeFileSync(join(folder, 'big'), content);
    linkSync(join(folder, 'big'), join(folder, 'two words'));
    symlinkSync('-', join(folder, 'link'));
    mkdirSync(join(folder, 'd'));
    const lines = run('list_directory.py', folder).trimEnd().split('\n');
    const without = lines.map(line => line.replace(/ (\d+ \d+ 0) \d+\.\d+ /, ' OWNER TIME '));
    const { sha256 } = digests;
    expect(without).toEqual([
      expect.stringMatching(/^\/ 0 40\d+ 3 OWNER TIME - - -$/),
      expect.stringMatching(
        new RegExp(`^/big 10000 100\\d+ 2 OWNER TIME ${sha256.slice(0, 2)}/${sha256.slice(2)} - ${sha256}$`),
      ),
      expect.stringMatching(/^\/d 0 40\d+ 2 OWNER TIME - - -$/),
      expect.stringMatching(/^\/link 1 120777 1 OWNER TIME \\x2d - -$/),
      expect.stringMatching(/^\/two\\x20words 0 @100\d+ - - - - 0\.0 \/big - -$/),
    ]);
  });
});
