/**
 * `explain`: what a requirement, a case or an error code says, and where to find what belongs to it.
 * @module
 */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { type Case, expectedRejection } from '../../suite/case.ts';
import { readMutantNames } from '../../suite/mutants.ts';
import { packageRoot } from '../../suite/package-root.ts';
import { readSuite } from '../../suite/read-suite.ts';
import type { Requirement } from '../../suite/requirements.ts';
import { runnerCommand } from '../../suite/runner-command.ts';
import { print } from '../stdout.ts';
import { exit, type Finish, packageRequirements, UsageProblem } from './command.ts';

const help = `
Examples:
  ${runnerCommand} explain EROFS-031              a requirement: its text, cases, code, and changes that break it
  ${runnerCommand} explain erofs/xattr-shared     a case: what it requests, expects and decides
  ${runnerCommand} explain TAR_CHECKSUM           an error code: its meaning, and the cases that expect it`;

/** The cases of a requirement or code that are named; the others are counted. */
const SHOWN = 20;

/** The command. */
export function explainCommand(finish: Finish): Command {
  return new Command('explain')
    .description(
      'Print what a requirement, a case or an error code says, and where to find what belongs to it.',
    )
    .argument('<what>', 'the id of a requirement, the id of a case, or an error code')
    .addHelpText('after', help)
    .action(async (what: string) => {
      const { cases } = readSuite(join(packageRoot, 'vectors'));
      const requirements = packageRequirements() ?? new Map<string, Requirement>();
      await print(`${explanation(what, cases, requirements).join('\n')}\n`);
      finish(exit.ok);
    });
}

/** The lines about `what`. Throws {@link UsageProblem} if there is nothing of this name. */
export function explanation(
  what: string,
  cases: readonly Case[],
  requirements: ReadonlyMap<string, Requirement>,
): string[] {
  const requirement = requirements.get(what);
  if (requirement !== undefined) return aboutRequirement(requirement, cases);
  const test = cases.find(({ id }) => id === what);
  if (test !== undefined) return aboutCase(test, requirements);
  const code = codeRow(what);
  if (code !== undefined) return aboutCode(code, cases);
  throw new UsageProblem(
    `there is no requirement, case or error code called ${what}: ` +
      'an id of a requirement is like EROFS-031, a case like erofs/hardlink (--list prints all), a code like TAR_CHECKSUM',
  );
}

function aboutRequirement(found: Requirement, cases: readonly Case[]): string[] {
  const { id, level, text, hash, file, classes, verification } = found;
  const citing = cases.filter(({ requirements }) => requirements.includes(id));
  const code = codeThatNames(id);
  const mutants = readMutantNames(packageRoot).get(id) ?? [];
  const modules = [...new Set(code.map(place => place.replace(/^reference\/(.*)\.ts:.*/, '$1.js')))];
  return [
    `${id} (${level}), ${classes.join(', ')}`,
    ...text.split('\n').map(line => `  ${line}`),
    '',
    `text      ${file}#${id}, hash ${hash}; cite it as: composefs-oci ${id} ${hash}`,
    `verified  ${verification === 'vector' ? 'by cases' : `by ${verification}`}`,
    ...listed('case', citing.map(summaryOf)),
    ...listed('code', code),
    ...listed('mutant', mutants),
    ...(mutants.length === 0 ? [] : [`mutants   npm run kill-matrix -- --only ${id}`]),
    ...modules.map(module => `mutants   npm run mutants -- --only '${module}'`),
  ];
}

function aboutCase(test: Case, requirements: ReadonlyMap<string, Requirement>): string[] {
  const { id, title, op, params, needs, expect, control, provenance, links } = test;
  const rejection = expectedRejection(test);
  const rejected = rejection && `${rejection.stage} ${rejection.reasons.join(' or ')}`;
  return [
    `${id}: ${title}`,
    '',
    `request   ${op}${Object.entries(params)
      .map(([name, value]) => ` ${name}=${value}`)
      .join('')}`,
    ...(needs.length === 0 ? [] : [`needs     ${needs.join(', ')}`]),
    `expects   ${expect.outcome}${rejected === undefined ? '' : `: ${rejected}`}`,
    ...(expect.outcome === 'either' ? [`because   ${expect.because}`] : []),
    ...(control === null ? [] : [`control   ${control}, which differs in one detail and must be accepted`]),
    `files     vectors/cases/${id}/`,
    `recipe    ${provenance.recipe}`,
    `confirmed ${provenance.confirmedBy.join(', ')}`,
    ...(provenance.acceptedBy === undefined ? [] : [`accepted  by ${provenance.acceptedBy.join(', ')}`]),
    ...links.map(link => `link      ${link}`),
    ...test.requirements.flatMap(name => {
      const found = requirements.get(name);
      const text = found?.text.split('\n') ?? [];
      return ['', `${name} (${found?.level ?? 'unknown'})`, ...text.map(line => `  ${line}`)];
    }),
    '',
    `run it    ${runnerCommand} --impl ./my-adapter --case ${id} --keep`,
  ];
}

interface ErrorCode {
  readonly code: string;
  readonly stage: string;
  readonly meaning: string;
  readonly requirement: string;
}

function aboutCode({ code, stage, meaning, requirement }: ErrorCode, cases: readonly Case[]): string[] {
  const expecting = cases.filter(test => expectedRejection(test)?.reasons.includes(code));
  return [
    `${code}, stage ${stage}: ${meaning}`,
    '',
    `defined   ${requirement}`,
    ...listed('case', expecting.map(summaryOf)),
    ...listed('code', codeThatNames(code)),
  ];
}

/** The row of the table of error codes in the introduction. */
function codeRow(name: string): ErrorCode | undefined {
  if (!/^[A-Z0-9_]+$/.test(name)) return undefined;
  const introduction = readFileSync(join(packageRoot, 'spec/introduction.md'), 'utf8');
  const row = new RegExp(`^\\| (.*) \\| \`${name}\` \\| (.*) \\| (.*) \\|$`, 'm').exec(introduction);
  if (row === null) return undefined;
  const [, stage = '', meaning = '', cell = ''] = row;
  return { code: name, stage, meaning, requirement: cell.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1') };
}

function summaryOf({ id, title }: Case): string {
  return `${id}: ${title}`;
}

/** Lines with a name in the first and items in the second column. */
function listed(name: string, items: readonly string[]): string[] {
  const lines = items.slice(0, SHOWN).map(item => `${name.padEnd(9)} ${item}`);
  return items.length > SHOWN ? [...lines, `${name.padEnd(9)} … and ${items.length - SHOWN} more`] : lines;
}

/** Places in the reference that name a requirement or code, as file and line. */
function codeThatNames(name: string): string[] {
  const folder = join(packageRoot, 'reference');
  if (!existsSync(folder)) return [];
  const word = new RegExp(`\\b${name}\\b`);
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter(file => file.endsWith('.ts') && !file.includes('.test.'))
    .sort()
    .flatMap(file =>
      readFileSync(join(folder, file), 'utf8')
        .split('\n')
        .flatMap((line, i) => (word.test(line) ? [`reference/${file}:${i + 1}`] : [])),
    );
}
