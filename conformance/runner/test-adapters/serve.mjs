/**
 * Shared by the test adapters: reading requests, sending hello, and correct answers for the tiny cases of the tests.
 * @module
 */

import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { appendFileSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** Writes one message. */
export function send(message) {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}

/** Sends hello with `version`, and calls `answer` with every request. */
export function serve(answer, version = '1') {
  createInterface({ input: process.stdin }).on('line', line => {
    const message = JSON.parse(line);
    if (message.type === 'hello') send(helloOf(version));
    if (message.type === 'run') answer(message);
    if (message.type === 'bye') process.exit(0);
  });
}

/** The correct answer to a request of the tiny cases, and only of those. */
export function honest({ id, op, input, outDir }) {
  if (op === 'fsverity.digest') return done(id, { values: { digest: fsverity(readFileSync(input.data)) } });
  const [root, ...lines] = readFileSync(input.dumpfile, 'latin1').split('\n').slice(0, -1);
  if (lines.some(line => line.includes('\\q'))) {
    return { type: 'done', id, status: 'rejected', stage: 'dumpfile', reason: 'DUMPFILE_ESCAPE' };
  }
  writeFileSync(join(outDir, 'tree'), `${[root, ...lines.sort()].join('\n')}\n`, 'latin1');
  return done(id, { files: { dumpfile: 'tree' } });
}

/** An answer of status `ok` with a result. */
export function done(id, result) {
  return { type: 'done', id, status: 'ok', ...result };
}

/** Starts a process in a session of its own. Its pid is added to the file $PIDS, if that is set. */
export function startSession(stdio) {
  const child = spawn('sleep', ['1000'], { detached: true, stdio });
  child.unref();
  if (process.env.PIDS) appendFileSync(process.env.PIDS, `${child.pid}\n`);
}

/** Nests folders in `folder` until no system opens the path of the innermost one. */
export function deepFolder(folder) {
  const [inner, outer] = [join(folder, 'inner'), join(folder, 'outer')];
  mkdirSync(inner);
  for (let depth = 0; depth < 100; depth++) {
    mkdirSync(outer);
    renameSync(inner, join(outer, 'x'.repeat(100)));
    renameSync(outer, inner);
  }
}

function helloOf(version) {
  return {
    type: 'hello',
    protocol: 1,
    implementation: { name: 'test adapter', version },
    specVersions: ['1.0'],
    operations: ['fsverity.digest', 'dumpfile.canonical'],
    features: ['digest.sha256-12'],
    concurrency: 2,
  };
}

/** The fs-verity digest with SHA-256 of at most one block. */
function fsverity(data) {
  const sha256 = bytes => createHash('sha256').update(bytes).digest();
  const descriptor = Buffer.alloc(256);
  descriptor.set([1, 1, 12]);
  descriptor.writeUInt32LE(data.length, 8);
  if (data.length > 0) sha256(Buffer.concat([data, Buffer.alloc(4096 - data.length)])).copy(descriptor, 16);
  return sha256(descriptor).toString('hex');
}
