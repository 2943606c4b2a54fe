/**
 * The adapters in `test-adapters/`, by what they do with the tiny cases.
 * @module
 */

/** The cases that the test adapters are tested on, each with `status`. */
export const all = (status: string) => ({
  'dumpfile/bad-escape': status,
  'dumpfile/sorted': status,
  'fsverity/empty': status,
  'fsverity/generated': status,
});

/** Adapters that follow the protocol. */
export const good = ['honest.mjs', 'slow-but-ok.mjs', 'exits-after-each-answer.mjs', 'no-reason.mjs'];

/** Every bad adapter, and the statuses of the cases. */
export const bad: Readonly<Record<string, Record<string, string>>> = {
  'always-ok.mjs': all('fail'),
  // The correct rejection proves nothing, because the control is rejected as well.
  'always-reject.mjs': { ...all('fail'), 'dumpfile/bad-escape': 'inconclusive' },
  'echo-input.mjs': all('fail'),
  'empty-file.mjs': all('fail'),
  'answers-error.mjs': all('fail'),
  'always-unsupported.mjs': all('unsupported'),
  'crash.mjs': all('crash'),
  'killed.mjs': all('crash'),
  'crash-after-answer.mjs': all('crash'),
  'exits-silently.mjs': all('crash'),
  'answers-after-death.sh': all('crash'),
  'hang.mjs': all('timeout'),
  'silence.mjs': all('timeout'),
  'missing-file.mjs': all('protocol'),
  'noise-on-stdout.mjs': all('protocol'),
  'noise-after-answer.mjs': all('protocol'),
  'bad-json.mjs': all('protocol'),
  'not-utf8.mjs': all('protocol'),
  'unknown-type.mjs': all('protocol'),
  'unknown-key.mjs': all('protocol'),
  'wrong-id.mjs': all('protocol'),
  'duplicate-answer.mjs': all('protocol'),
  'hello-again.mjs': all('protocol'),
  'closes-stdout.mjs': all('protocol'),
  'huge-line.mjs': all('protocol'),
  'huge-file.mjs': all('protocol'),
  'leaves-child-behind.mjs': all('protocol'),
  'outside-out-dir.mjs': all('protocol'),
  'absolute-path.mjs': all('protocol'),
  'beside-out-dir.mjs': all('protocol'),
  'changes-input.mjs': all('protocol'),
  'symlink-output.mjs': all('protocol'),
  'fifo-output.mjs': all('protocol'),
  'removes-request.mjs': all('protocol'),
  'removes-all-requests.mjs': all('protocol'),
  'removes-out-dir.mjs': all('protocol'),
  'link-as-out-dir.mjs': all('protocol'),
  'link-as-request.mjs': all('protocol'),
  'link-as-input.mjs': all('protocol'),
  'deep-output.mjs': all('protocol'),
  'deep-input.mjs': all('protocol'),
  'strange-names.mjs': all('protocol'),
  'inherited-names.mjs': all('protocol'),
  'strange-paths.mjs': all('protocol'),
};

/** Adapters that misbehave only in some cases, or for some users; each has a test below or in ../main.test.ts. */
export const special = [
  'closed-folder.mjs',
  'starts-sessions.mjs',
  'wrong-reason.mjs',
  'late-duplicate.mjs',
  'changes-hello.mjs',
  'much-memory.mjs',
  'another-reason-later.mjs',
  'another-digest-later.mjs',
  'crashes-later.mjs',
];
