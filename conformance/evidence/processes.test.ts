import { expect, test } from 'vitest';
import { Processes, ProcessFailed, Stopped } from './processes.ts';

const node = (code: string) => ['-e', code];

test('the stdout of a program is returned, and the stderr of one that fails is thrown', async () => {
  const processes = new Processes(2);
  const printed = processes.run(process.execPath, ...node(String.raw`process.stdout.write('a\nb\n')`));
  await expect(printed).resolves.toMatchObject({ stdout: 'a\nb', seconds: expect.any(Number) });
  const failed = processes.run(
    process.execPath,
    ...node(`process.stderr.write('why'); process.exitCode = 1`),
  );
  await expect(failed).rejects.toThrow(ProcessFailed);
  await expect(failed).rejects.toThrow(`${process.execPath}: why`);
});

test('no more programs run at a time than allowed', async () => {
  const processes = new Processes(1);
  const order: string[] = [];
  const run = async (name: string, code: string) => {
    await processes.run(process.execPath, ...node(code));
    order.push(name);
  };
  await Promise.all([run('slow', 'setTimeout(() => {}, 300)'), run('quick', ''), run('last', '')]);
  expect(order).toEqual(['slow', 'quick', 'last']);
});

test('stop ends the running programs and starts no others', async () => {
  const processes = new Processes(1);
  const endless = processes.run(process.execPath, ...node('setInterval(() => {}, 1000)'));
  const waiting = processes.run(process.execPath, ...node(''));
  setTimeout(() => processes.stop(), 200);
  await expect(endless).rejects.toThrow(Stopped);
  await expect(waiting).rejects.toThrow(Stopped);
});
