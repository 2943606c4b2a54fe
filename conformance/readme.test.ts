import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { programPath } from './implementations/install/paths.ts';
import { program } from './runner/command-line.ts';
import { commands } from './runner/commands/commands.ts';
import { reporters } from './runner/report/reporters.ts';
import {
  run,
  statusesOf,
  temporaryFolder,
  tinyCases,
  writeSuite,
} from './runner/run/tiny-suite.test.helper.ts';
import { classesOf, conformanceClasses } from './suite/classes.ts';
import { schemaCheck } from './suite/json-schema.ts';
import { parseKnownFailures } from './suite/known-failures.ts';
import { packageRoot } from './suite/package-root.ts';
import { readSuite } from './suite/read-suite.ts';
import { readRequirements } from './suite/requirements.ts';

const readme = readFileSync(join(packageRoot, 'conformance/README.md'), 'utf8');

/** The block below `<!-- example: NAME -->`. */
function example(name: string): string {
  const [, block] = new RegExp(`<!-- example: ${name} -->\n\`\`\`\\w+\n(.*?)\`\`\``, 's').exec(readme) ?? [];
  if (block === undefined) throw new Error(`conformance/README.md has no example ${name}`);
  return block;
}

/** The cells of the first column of the tables in the section `heading`. */
function firstColumn(heading: string): string[] {
  const section = readme.split(`\n## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';
  return [...section.matchAll(/^\| `([^`]+)`/gm)].map(([, cell]) => cell ?? '');
}

describe('the adapter in conformance/README.md', () => {
  const folder = temporaryFolder();
  afterAll(folder.remove);
  const adapter = join(folder.path, 'adapter.sh');
  writeFileSync(adapter, example('adapter'));
  chmodSync(adapter, 0o755);
  const peer = programPath('fsverity');
  const folders = [
    ...(process.env['PATH'] ?? '').split(delimiter),
    ...(peer === undefined ? [] : [dirname(peer)]),
  ];
  const found = folders.find(path => path !== '' && existsSync(join(path, 'fsverity')));
  const command = ['/bin/sh', '-c', `PATH="$PATH:${found}"; export PATH; exec ${adapter}`];

  it('has at most 30 lines', () => {
    expect(example('adapter').trimEnd().split('\n').length).toBeLessThanOrEqual(30);
  });

  it.skipIf(found === undefined)(
    'passes digests (needs fsverity of fsverity-utils: npm run peers)',
    async () => {
      const outcome = await run(writeSuite(folder.path), adapter, { command });
      expect(outcome.header.implementation.name).toBe('fsverity-utils');
      expect(statusesOf(outcome)).toEqual({
        'fsverity/empty': 'pass',
        'fsverity/generated': 'pass',
        'fsverity/sha512': 'pass',
      });
      expect(outcome.footer).toMatchObject({ exitCode: 0, conformant: true });
    },
  );

  it.skipIf(found === undefined)('passes every case of the vectors that it declares to support', async () => {
    const suite = readSuite(join(packageRoot, 'vectors'));
    const requirements = readRequirements(join(packageRoot, 'spec/requirements.json'));
    const outcome = await run(suite, adapter, { command, jobs: 2, requirements });
    const { features } = outcome.header;
    const digests = suite.cases.filter(({ op, needs }) => {
      return op === 'fsverity.digest' && needs.every(name => features.includes(name));
    });
    expect(statusesOf(outcome)).toEqual(Object.fromEntries(digests.map(({ id }) => [id, 'pass'])));
    // It lacks only what is optional.
    expect(outcome.footer).toMatchObject({ conformant: true, because: [] });
  });

  it.skipIf(found === undefined)('answers unsupported to an operation that it does not support', async () => {
    const lying = join(folder.path, 'lying.sh');
    writeFileSync(lying, example('adapter').replace('"fsverity.digest"]', '"fsverity.digest","erofs.read"]'));
    const suite = writeSuite(folder.path, tinyCases);
    const lyingCommand = command.map(word => word.replace(adapter, `sh ${lying}`));
    const { cases } = await run(suite, lying, { command: lyingCommand });
    expect(cases['erofs/undeclared']?.failure?.message).toContain('answered unsupported (erofs.read)');
  });
});

describe('conformance/README.md', () => {
  it('shows messages that satisfy their schema', () => {
    const check = {
      '>': schemaCheck('conformance/schema/message.schema.json', 'fromRunner'),
      '<': schemaCheck('conformance/schema/message.schema.json', 'fromAdapter'),
    };
    const lines = `${example('protocol')}${example('answers')}`.trim().split('\n');
    expect(lines).toHaveLength(8);
    for (const line of lines) {
      const direction = line.startsWith('>') ? '>' : '<';
      expect(check[direction](JSON.parse(line.slice(2))), line).toBeUndefined();
    }
  });

  it('shows a valid list of known failures', () => {
    expect(parseKnownFailures(example('xfail'), 'README').map(({ status }) => status)).toEqual([
      'fail',
      'crash',
    ]);
  });

  it('explains every option and no other', () => {
    const options = program(async () => {}).options.map(({ flags }) => flags);
    expect(firstColumn('Options').sort()).toEqual(options.sort());
  });

  it('explains every command and no other', () => {
    const names = firstColumn('Commands').map(usage => usage.split(' ')[0]);
    expect(names).toEqual(commands(() => {}).map(command => command.name()));
  });

  it('lists every format of a report', () => {
    expect(firstColumn('Reports')).toEqual(reporters);
  });

  it('lists every operation and every class', () => {
    const operations: readonly string[] = Object.keys(classesOf);
    const listed = [...firstColumn('Operations'), ...firstColumn('Stores')];
    expect([...new Set(listed.filter(name => operations.includes(name)))]).toEqual(operations);
    expect(firstColumn('Verdicts').sort()).toEqual([...operations].sort());
    for (const name of conformanceClasses) expect(readme).toContain(`\`${name}\``);
  });

  it('lists every stage of a rejection', () => {
    const schema = JSON.parse(readFileSync(join(packageRoot, 'vectors/schema/case.schema.json'), 'utf8'));
    expect(readme).toContain(`one of \`${schema.$defs.stage.enum.join(' ')}\``);
  });

  it('links to files that exist', () => {
    for (const [, target = ''] of readme.matchAll(/\]\(([^)#:]+)\)/g)) {
      expect(existsSync(join(packageRoot, 'conformance', target)), target).toBe(true);
    }
  });
});
