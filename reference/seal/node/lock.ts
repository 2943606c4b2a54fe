/**
 * A lock that one process at a time holds for a directory.
 * @module
 */

import { once } from 'node:events';
import { stat } from 'node:fs/promises';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { ComposefsError } from '../../errors.ts';
import { isSystemError } from '../../oci/file.ts';

/** Milliseconds to wait for another process, which holds the lock while it writes a few small files. */
const PATIENCE = 60_000;
/** Milliseconds to wait if the other process does not answer. */
const PAUSE = 20;

/**
 * Runs `work` while no other process of this machine runs work for the same directory.
 *
 * The lock is an abstract socket of Linux, named by the inode of the directory: it leaves nothing in the directory,
 * and the kernel releases it when the process ends in whatever way. Other systems have none, so there is no lock.
 */
export async function whileLocked<T>(directory: string, work: () => Promise<T>): Promise<T> {
  if (process.platform !== 'linux') return work();
  const { dev, ino } = await stat(directory, { bigint: true });
  const release = await lock(`\0composefs-oci ${dev} ${ino}`, directory);
  try {
    return await work();
  } finally {
    release();
  }
}

/** Waits until the socket `path` is free, and takes it. Returns a function that releases it. */
async function lock(path: string, directory: string): Promise<() => void> {
  const deadline = Date.now() + PATIENCE;
  const waiting = new Set<Socket>();
  for (;;) {
    const server = createServer(socket => {
      waiting.add(socket);
      socket.on('error', () => {}).on('close', () => waiting.delete(socket));
    });
    if (await listens(server, path)) {
      return () => {
        server.close();
        for (const socket of waiting) socket.destroy();
      };
    }
    if (Date.now() > deadline) {
      const detail = 'another process is changing the layout: try again when it has ended';
      throw new ComposefsError('REQUEST_FILE', detail, { file: directory });
    }
    await released(path, deadline - Date.now());
  }
}

async function listens(server: Server, path: string): Promise<boolean> {
  try {
    server.listen({ path });
    await once(server, 'listening');
    return true;
  } catch (error) {
    if (isSystemError(error) && error.code === 'EADDRINUSE') return false;
    throw error;
  }
}

/** Waits until the process that holds the lock closes the connection to it, at most `time` milliseconds. */
async function released(path: string, time: number): Promise<void> {
  const socket = connect({ path });
  socket.setTimeout(Math.max(time, 1), () => socket.destroy());
  socket.resume();
  let wasConnected = false;
  await new Promise<void>(resolve => {
    socket
      .on('connect', () => {
        wasConnected = true;
      })
      .on('error', () => {})
      .on('close', () => resolve());
  });
  if (!wasConnected) await new Promise(resolve => setTimeout(resolve, PAUSE));
}
