/**
 * The area `selinux`: compares the labels that random policies give to the paths of small trees. Besides the other
 * implementation, it asks the newest libselinux that is installed.
 * @module
 */

import { mkdtempSync, rmSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildTree } from '../../../reference/build-tree.ts';
import { type ByteString, byteString, printable } from '../../../reference/bytes.ts';
import { printDumpfile } from '../../../reference/dumpfile/print.ts';
import { ComposefsError } from '../../../reference/errors.ts';
import { nodeSha2 } from '../../../reference/hash/node/sha2.ts';
import type { Stream } from '../../generate/random-trees/random-tree.ts';
import type { LabelLookup } from '../../implementations/install/paths.ts';
import { differenceText } from '../../runner/compare/difference.ts';
import { dumpfileDifference } from '../../runner/compare/dumpfile-difference.ts';
import type { Built, TreeBuilder } from '../../runner/run/tree-builder.ts';
import { labelDifferences, labelledPaths } from '../external-checks/selinux/labelled-tree.ts';
import { lookUpLabels, lookupName } from '../external-checks/selinux/look-up-labels.ts';
import { type Area, compareAnswers, type OtherAnswer, type ReferenceAnswer } from './area.ts';
import {
  copyPolicy,
  layerOf,
  type PolicyCase,
  policyContents,
  policyFiles,
  sizeOfPolicy,
} from './policies/policy.ts';
import { randomPolicy } from './policies/random-policy.ts';
import { shrinkPolicy } from './shrink-policy.ts';

/** The features that the other implementation has to declare. */
export const policyFeatures: readonly string[] = ['role.merged.bootable'];

const params = {
  role: 'merged.bootable',
  xattrs: 'allowlist-only',
  transform: 'oci',
  algorithm: 'fsverity-sha256-12',
} as const;
const mediaType = 'application/vnd.oci.image.layer.v1.tar';

/** A rejection by the reference, and what the other programs say about the same policy and tree. */
type Verdict = 'agree' | 'differ';

/** The policies of this stream. `lookup` is absent if libselinux is not installed. */
export class PolicyArea implements Area<PolicyCase, TreeBuilder> {
  readonly words = { one: 'policy', many: 'policies', parts: 'lines and paths' };
  readonly generate: (seed: number) => PolicyCase;
  readonly copy = copyPolicy;
  readonly size = sizeOfPolicy;
  readonly show = showPolicy;
  readonly #lookup: LabelLookup | undefined;
  readonly #folder = mkdtempSync(join(tmpdir(), 'composefs-oci-policies-'));
  #folders = 0;
  /** The number of policies that are being shrunk; what is compared meanwhile is not counted. */
  #shrinking = 0;
  /** Paths that the reference labels as both other programs do. */
  #labelled = 0;
  /** Rejections by the reference, by error code and by what the other programs say. */
  readonly #rejected = new Map<string, Record<Verdict, number>>();

  constructor(stream: Stream, lookup: LabelLookup | undefined) {
    this.generate = seed => randomPolicy(stream, seed);
    this.#lookup = lookup;
    process.once('exit', () => rmSync(this.#folder, { recursive: true, force: true }));
  }

  /** What the reference answers is compared with both other programs; what it rejects is decided by the standard. */
  async compare(policy: PolicyCase, builder: TreeBuilder) {
    const bytes = layerOf(policy);
    const expected = await referenceAnswer(bytes);
    const built = await builder.build([{ bytes, mediaType }], params);
    if (expected.kind === 'rejected') {
      if (built.kind === 'failed') return { kind: 'different', difference: built.problem } as const;
      await this.#count(expected.why, policy, built);
      return { kind: 'same', rejected: built.kind === 'rejected' } as const;
    }
    const compared = compareAnswers(expected, otherAnswer(built), treeDifference);
    if (compared.kind === 'different') return compared;
    const difference = await this.#libselinuxDifference(policy, expected.bytes);
    return difference === undefined ? compared : ({ kind: 'different', difference } as const);
  }

  async shrink(policy: PolicyCase, test: (policy: PolicyCase) => Promise<boolean>): Promise<PolicyCase> {
    this.#shrinking++;
    return shrinkPolicy(policy, test).finally(() => this.#shrinking--);
  }

  files(policy: PolicyCase): Readonly<Record<string, Uint8Array>> {
    return { 'layer.tar': layerOf(policy) };
  }

  /** The lines at the end of the report. */
  summary(): string[] {
    const lines = [`${this.#labelled} paths have the same label, or none, by all programs`];
    for (const [code, { agree, differ }] of [...this.#rejected].sort()) {
      lines.push(`rejected with ${code}: ${agree + differ}; the other programs differ on ${differ} of these`);
    }
    if (this.#lookup === undefined) lines.push('libselinux was NOT asked: npm run peers -- libselinux');
    else lines.push(`asked: ${lookupName(this.#lookup)}`);
    return lines;
  }

  /** Counts a rejection. */
  async #count(why: string, policy: PolicyCase, built: Built): Promise<void> {
    if (this.#shrinking > 0) return;
    const code = /\((\w+)\)$/.exec(why)?.[1] ?? why;
    const agree =
      built.kind === 'built' && (await this.#libselinuxDifference(policy, built.dumpfile)) === undefined;
    const counts = this.#rejected.get(code) ?? { agree: 0, differ: 0 };
    counts[agree ? 'agree' : 'differ']++;
    this.#rejected.set(code, counts);
  }

  /** The paths to which libselinux gives another label than the dumpfile has. */
  async #libselinuxDifference(policy: PolicyCase, dumpfile: Uint8Array): Promise<string | undefined> {
    const paths = labelledPaths(byteString(dumpfile));
    if (this.#lookup !== undefined && namesPolicy(policy)) {
      const folder = join(this.#folder, String(this.#folders++));
      await mkdir(folder);
      try {
        for (const [name, content] of policyContents(policy))
          await writeFile(join(folder, name), content, 'latin1');
        const result = await lookUpLabels(this.#lookup, join(folder, 'file_contexts'), paths);
        if (result.kind === 'rejected')
          return `${lookupName(this.#lookup)} rejects the policy: ${result.why}`;
        const [first] = labelDifferences(paths, result.answers, lookupName(this.#lookup));
        if (first !== undefined) return first;
      } finally {
        await rm(folder, { recursive: true });
      }
    }
    if (this.#shrinking === 0) this.#labelled += paths.length;
    return undefined;
  }
}

/** Whether the config names the policy in a form that libselinux, which gets only its files, is not asked about. */
function namesPolicy({ config }: PolicyCase): boolean {
  return config !== undefined && /^\s*SELINUXTYPE=\s*t\s*$/im.test(config);
}

async function referenceAnswer(bytes: Uint8Array): Promise<ReferenceAnswer> {
  const archives = [one(bytes)];
  try {
    const tree = await buildTree(archives, { ...params, sha2: nodeSha2 });
    return { kind: 'accepted', bytes: Buffer.concat([...printDumpfile(tree)]) };
  } catch (error) {
    if (!(error instanceof ComposefsError)) throw error;
    return { kind: 'rejected', why: error.message };
  }
}

async function* one(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

function otherAnswer(built: Built): OtherAnswer<Uint8Array> {
  return built.kind === 'built' ? { kind: 'accepted', answer: built.dumpfile } : built;
}

function treeDifference(expected: Uint8Array, got: Uint8Array): string | undefined {
  const found = dumpfileDifference('dumpfile', expected, got, got.length);
  return found === undefined ? undefined : differenceText(found, 'dumpfile');
}

/** The config, the lines of each file, and the paths with their types. */
function showPolicy({ config, lines, nodes }: PolicyCase): string[] {
  const shown = [`config ${config === undefined ? 'missing' : printable(config)}`];
  for (const name of policyFiles) {
    const own = lines.filter(({ file }) => file === name);
    if (own.length > 0) shown.push(name, ...own.map(({ text }) => `  ${printable(text)}`));
  }
  const target = (path: ByteString | undefined) => (path === undefined ? '' : ` -> ${printable(path)}`);
  shown.push('tree', ...nodes.map(node => `  ${node.type} ${printable(node.path)}${target(node.target)}`));
  return shown;
}
