import { expect, test } from 'vitest';
import { ProcessFailed } from '../processes.ts';
import { Server } from './server.ts';

const node = (code: string) => Server.start(process.execPath, '-e', code);

const listen = `
  const server = require('node:http').createServer((_, response) => response.end(String(process.pid)));
  server.listen(0, '127.0.0.1', () => console.error('x listening on 127.0.0.1:' + server.address().port + ' y'));
`;

test('a server runs until it is stopped', async () => {
  const server = await node(listen);
  const url = `http://${server.address}/`;
  const pid = Number(await (await fetch(url)).text());
  await server.stop();
  await expect(fetch(url)).rejects.toThrow();
  expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  await server.stop();
});

test('a server that does not start fails with its output', async () => {
  const failed = node(`console.error('no room'); process.exitCode = 1`);
  await expect(failed).rejects.toThrow(ProcessFailed);
  await expect(failed).rejects.toThrow('ended: no room');
  await expect(Server.start('/nowhere/to/be/found')).rejects.toThrow('ENOENT');
});
