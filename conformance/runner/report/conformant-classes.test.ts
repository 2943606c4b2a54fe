/**
 * Whether the vectors can show conformance to each class, and to no less than the class: a perfect implementation
 * that declares what a class requires conforms, and one that declares less does not.
 */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { claimedClasses, conformanceClasses, needsOf } from '../../suite/classes.ts';
import { packageRoot } from '../../suite/package-root.ts';
import { readSuite } from '../../suite/read-suite.ts';
import { readRequirements } from '../../suite/requirements.ts';
import type { HelloMessage } from '../protocol/messages.ts';
import { undeclaredNeed } from '../select.ts';
import { headerOf } from './header.test.helper.ts';
import { verdictsOf } from './verdicts.ts';

const suite = readSuite(join(packageRoot, 'vectors'));
const requirements = readRequirements(join(packageRoot, 'spec/requirements.json'));

/** The footer of a run in which every case passes that the declared operations and features allow. */
function perfectRun(operations: readonly string[], features: readonly string[]) {
  const hello: HelloMessage = {
    type: 'hello',
    protocol: 1,
    implementation: { name: 'x', version: '1' },
    specVersions: ['1.0'],
    operations,
    features,
  };
  const cases = suite.cases.map(test => {
    const filtered = undeclaredNeed(test, hello);
    const { id, title, op, requirements } = test;
    const status = filtered === undefined ? 'pass' : 'filtered';
    return { event: 'case', id, title, op, requirements, status, ...(filtered && { filtered }) } as const;
  });
  const header = { ...headerOf(operations), features };
  return verdictsOf({ header, cases, requirements, unusedXfail: [], stopped: null, durationMs: 1 }).footer;
}

describe.each(conformanceClasses)('a perfect implementation that claims %s', name => {
  const { operations, features } = needsOf[name];
  const without = (names: readonly string[], missing: string) => names.filter(other => other !== missing);

  it('conforms with the operations and features of the class alone', () => {
    expect(perfectRun(operations, features).because).toEqual([]);
  });

  it.each(operations)('does not conform without %s, and the report says so', missing => {
    const left = without(operations, missing);
    const { because } = perfectRun(left, features);
    if (claimedClasses(left).length === 0) {
      expect(because).toEqual(['the declared operations claim no conformance class']);
    } else {
      expect(because).toContain(`to conform as ${name}, also declare ${missing}`);
      expect(because).toContainEqual(expect.stringMatching('^untested: '));
    }
  });

  it.each(features)('does not conform without %s, and the report says so', missing => {
    const { because } = perfectRun(operations, without(features, missing));
    expect(because).toContain(`to conform as ${name}, also declare ${missing}`);
  });
});

it('an optional feature that is not declared leaves nothing untested, whatever its cases request', () => {
  // digest.formatted and the blocks of 65536 bytes are decided by digests of files and of images.
  expect(perfectRun(['fsverity.digest'], ['digest.sha256-12', 'digest.sha512-12'])).toMatchObject({
    conformant: true,
    because: [],
  });
});
