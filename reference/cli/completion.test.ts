/**
 * Completion as each shell does it, and manual pages as a formatter reads them.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { packageRoot } from '../../conformance/suite/package-root.ts';

const program = join(packageRoot, 'dist/reference/cli/main.js');
const composefsOci = (...args: string[]) =>
  execFileSync(process.execPath, [program, ...args], { encoding: 'utf8' });
const isInstalled = (name: string) => spawnSync('sh', ['-c', `command -v ${name}`]).status === 0;

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'completion-'));
  mkdirSync(join(directory, 'layout'));
  for (const name of ['image.erofs', 'my file.dump']) writeFileSync(join(directory, name), '');
  for (const shell of ['bash', 'zsh', 'fish'])
    writeFileSync(join(directory, `.${shell}`), composefsOci('completion', shell));
}, 60_000);
afterAll(() => rmSync(directory, { recursive: true }));

/** What a shell prints, which has to be without errors. */
function output(command: string, args: readonly string[]): string {
  const { stdout, stderr } = spawnSync(command, args, {
    cwd: directory,
    encoding: 'utf8',
    env: { ...process.env, HOME: directory, TERM: 'dumb' },
  });
  expect(stderr).toBe('');
  return stdout;
}

/** The words with which bash completes `line`, as it would replace what follows its last word break. */
function bash(line: string, wordBreaks = ' \t\n"\'><=;|&(:'): string[] {
  // `compopt` works only in a completion; here it prints its options, to see them.
  const script = `
    compopt() { printf 'compopt %s\\n' "$*" >&3; }
    source .bash
    COMP_WORDBREAKS=$2 COMP_LINE=$1 COMP_POINT=\${#1}
    _composefs_oci 3>/dev/null
    printf '%s\\n' "\${COMPREPLY[@]}"`;
  return words(output('bash', ['--norc', '-c', script, 'bash', line, wordBreaks]));
}

/** The words with which fish completes `line`; each has a description after a tab. */
function fish(line: string): string[] {
  const script = 'source .fish; complete -C $argv[1]';
  return words(output('fish', ['--no-config', '-c', script, line])).map(word => word.split('\t')[0] ?? '');
}

/** The words with which zsh completes `line` in a terminal: those that its functions give to `compadd`. */
function zsh(line: string): string[] {
  const setup = `
    PS1= RPROMPT= LISTMAX=1000
    autoload -Uz compinit && compinit -u -D && source ./.zsh
    compadd() {
      local -a found
      if [[ \${@[(I)-[OAD]*]} -eq 0 ]]; then
        builtin compadd -O found "$@"
        print -rl -- "<<"$^found">>" >>.found
      fi
      builtin compadd "$@"
    }
    list() { zle list-choices; print -r end >>.found }
    zle -N list
    bindkey -e
    bindkey '^G' list
    : >.found
    : >.ready`;
  const script = `
    zmodload zsh/zpty
    zpty -b shell zsh -f -i
    zpty -w shell 'source ./.setup'
    for ((i = 0; i < 600; i++)); do [[ -e .ready ]] && break; sleep 0.05; done
    zpty -w -n shell "$1"$'\\a'
    for ((i = 0; i < 600; i++)); do [[ "$(<.found)" == *end ]] && break; sleep 0.05; done
    zpty -d shell
    cat .found
    rm .found .ready`;
  writeFileSync(join(directory, '.setup'), setup);
  const found = output('zsh', ['-f', '-c', script, 'zsh', line]);
  expect(found).toContain('end\n');
  return [...new Set([...found.matchAll(/^<<(.*)>>$/gm)].map(([, word]) => word ?? ''))];
}

function words(text: string): string[] {
  return text.split('\n').filter(line => line !== '');
}

/** Lines, and all words that complete them. */
const complete: readonly (readonly [line: string, words: readonly string[]])[] = [
  ['composefs-oci dig', ['digest']],
  ['composefs-oci store f', ['find', 'fsck']],
  ['composefs-oci digest --ro', ['--role']],
  ['composefs-oci digest --role m', ['merged', 'merged.bootable']],
  ['composefs-oci digest --role layer --format ', ['v0', 'v1', 'v2']],
  ['composefs-oci digest oci', ['oci:', 'oci-archive:']],
  ['composefs-oci digest --platform ', []],
  ['composefs-oci seal --role layer merged --mode ', ['artifact', 'inline']],
  ['composefs-oci fsck im', ['image.erofs']],
  ['composefs-oci fsck image.erofs im', ['image.erofs']],
  ['composefs-oci store find layout ', []],
  ['composefs-oci store init --algorithm fsverity-sha256-', ['fsverity-sha256-12']],
  ['composefs-oci completion ', ['bash', 'fish', 'zsh']],
];

describe('bash', () => {
  test.each(complete)('%s', (line, expected) => {
    expect(bash(line).sort()).toEqual([...expected].sort());
  });

  test.each([
    ['composefs-oci digest oci:l', ['layout'], ['oci:layout']],
    ['composefs-oci verify oci-archive:./im', ['./image.erofs'], ['oci-archive:./image.erofs']],
    ['composefs-oci seal --output=oci:l', ['layout'], ['--output=oci:layout']],
    ['composefs-oci digest --format=v', ['v0', 'v1', 'v2'], ['--format=v0', '--format=v1', '--format=v2']],
    ['composefs-oci seal --role layer merged oci:l', ['layout'], ['oci:layout']],
    ['composefs-oci mkfs my\\ f', ['my file.dump'], ['my file.dump']],
    ['composefs-oci store import layout oci:l', ['layout'], ['oci:layout']],
    ['composefs-oci mkfs lay', ['layout'], ['layout']],
  ])('%s with and without : and = as word breaks', (line, broken, whole) => {
    expect(bash(line)).toEqual(broken);
    expect(bash(line, ' \t\n')).toEqual(whole);
  });

  test('lists every command that the help lists, and every option of it', () => {
    const [, list = ''] = /\nCommands:\n(.*?)\n\n/s.exec(composefsOci('--help')) ?? [];
    const commands = [...list.matchAll(/^ {2}(\w+)/gm)].map(([, name]) => name ?? '');
    expect(commands.length).toBeGreaterThan(10);
    expect(bash('composefs-oci ').sort()).toEqual(commands.filter(name => name !== 'help').sort());
    for (const command of ['digest', 'seal', 'store mount']) {
      const help = composefsOci(...command.split(' '), '--help');
      const [, section = ''] = /\nOptions:\n(.*?)\n\n/s.exec(help) ?? [];
      const options = section.matchAll(/^ {2}(?:-\w, )?(--[\w-]+)/gm);
      expect(bash(`composefs-oci ${command} -`).sort()).toEqual([...options].map(([, flag]) => flag).sort());
    }
  });
});

describe.skipIf(!isInstalled('fish'))('fish', () => {
  // Fish offers the values of all arguments for each of them.
  test.each([
    ...complete.filter(([line]) => !line.endsWith('store find layout ')),
    ['composefs-oci verify oci-archive:im', ['oci-archive:image.erofs']],
  ] as const)('%s', (line, expected) => {
    expect(fish(line).sort()).toEqual([...expected].sort());
  });
});

describe.skipIf(!isInstalled('zsh'))('zsh', () => {
  test.each([
    ...complete,
    ['composefs-oci digest oci:l', ['layout']],
    ['composefs-oci verify oci-archive:im', ['image.erofs']],
  ] as const)('%s', (line, expected) => {
    expect(zsh(line).sort()).toEqual([...expected].sort());
  });
});

describe('man', () => {
  let pages: readonly string[];
  beforeAll(() => {
    composefsOci('man', join(directory, 'man'));
    pages = readdirSync(join(directory, 'man'));
  }, 60_000);

  test('writes a page for each command', () => {
    expect(pages).toEqual(
      expect.arrayContaining(['composefs-oci.1', 'composefs-oci-digest.1', 'composefs-oci-store-gc.1']),
    );
    const digest = readFileSync(join(directory, 'man/composefs-oci-digest.1'), 'utf8');
    for (const title of [
      'NAME',
      'SYNOPSIS',
      'DESCRIPTION',
      'ARGUMENTS',
      'OPTIONS',
      'EXAMPLES',
      'EXIT STATUS',
    ])
      expect(digest).toContain(`\n.SH ${title}\n`);
  });

  test.skipIf(!isInstalled('mandoc'))('writes pages without errors', () => {
    for (const page of pages) {
      const { stdout } = spawnSync('mandoc', ['-Tlint', '-W', 'style', page], {
        cwd: join(directory, 'man'),
        encoding: 'utf8',
      });
      // A date would differ from one build to the next. Examples are as long as in the help.
      const problems = words(stdout).filter(line => !/missing date|longer than 80 bytes/.test(line));
      expect(problems).toEqual([]);
    }
  });

  test.skipIf(!isInstalled('mandoc'))('keeps every word of the help', () => {
    for (const command of ['', 'digest', 'labels', 'fsverity', 'store gc', 'completion']) {
      const args = command.split(' ').filter(Boolean);
      const page = ['composefs-oci', ...args].join('-');
      const file = join(directory, `man/${page}.1`);
      const formatted = execFileSync('mandoc', ['-Tutf8', '-O', 'width=400', file], { encoding: 'utf8' });
      const shown = new Set(formatted.replaceAll(/.[\b]/g, '').split(/\s+/));
      const help = composefsOci(...args, '--help')
        .replace(/^Commands:\n.*?\n\n/ms, '')
        .replaceAll(/^(Usage|Arguments|Options|Examples|Images|Exit codes):/gm, '');
      const missing = help.split(/\s+/).filter(word => word !== '' && !shown.has(word));
      expect(missing, page).toEqual([]);
    }
  });
});
