/**
 * `adapter-skeleton`: prints an adapter to begin with.
 * @module
 */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command, Option } from 'commander';
import { packageRoot } from '../../suite/package-root.ts';
import { print } from '../stdout.ts';
import { exit, type Finish } from './command.ts';

/** The languages, the file of each, and how to make a program of it and start that. */
export const languages = {
  sh: { file: 'adapter.sh', build: '', start: 'sh adapter.sh' },
  python: { file: 'adapter.py', build: '', start: 'python3 adapter.py' },
  go: { file: 'adapter.go', build: 'go build -o adapter adapter.go', start: './adapter' },
  rust: { file: 'adapter.rs', build: 'rustc -O -o adapter adapter.rs', start: './adapter' },
  c: { file: 'adapter.c', build: 'cc -O2 -o adapter adapter.c', start: './adapter' },
} as const;
export type Language = keyof typeof languages;

const help = `
The skeleton follows the protocol, declares one operation and answers that it is not implemented yet. Fill in the places
marked TODO, and add operations as your implementation has them. It has no dependencies.

${Object.entries(languages)
  .map(([name, { file, build, start }]) => {
    const steps = [
      `adapter-skeleton --lang ${name} > ${file}`,
      ...(build === '' ? [] : [build]),
      `check-adapter --impl '${start}'`,
    ];
    return `  ${name.padEnd(8)}${steps.join('; ')}`;
  })
  .join('\n')}`;

/** The source of the skeleton. */
export function skeleton(language: Language): string {
  return readFileSync(join(packageRoot, 'conformance/runner/skeletons', languages[language].file), 'utf8');
}

/** The command. */
export function adapterSkeletonCommand(finish: Finish): Command {
  return new Command('adapter-skeleton')
    .description('Print an adapter to begin with.')
    .addOption(
      new Option('--lang <language>', 'the language').choices(Object.keys(languages)).makeOptionMandatory(),
    )
    .addHelpText('after', help)
    .action(async ({ lang }: { lang: Language }) => {
      await print(skeleton(lang));
      finish(exit.ok);
    });
}
