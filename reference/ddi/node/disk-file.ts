/**
 * A disk image in a file.
 * @module
 */

import { closeSync } from 'node:fs';
import { ComposefsError } from '../../errors.ts';
import { openFile, readAt } from '../../oci/file.ts';
import type { DiskBytes } from '../read.ts';

/** The most bytes that are read at once, as many as of an EROFS image in a file of its own. */
const READ_MAX = 2 ** 31;

/** Opens a disk image for `use`, and closes it afterwards. Rejects with REQUEST_FILE. */
export async function withDiskFile<T>(path: string, use: (disk: DiskBytes) => Promise<T>): Promise<T> {
  const location = { file: path };
  const { fd, size } = openFile(path, 'REQUEST_FILE', location);
  const read = async (at: number, length: number) => {
    if (length > READ_MAX) {
      const detail = `the data partition is longer than ${READ_MAX} bytes, the most that is read`;
      throw new ComposefsError('REQUEST_FILE', detail, location);
    }
    const bytes = Buffer.allocUnsafeSlow(length);
    for (let got = 0; got < length; ) {
      const bytesRead = await readAt(fd, bytes.subarray(got), at + got, location);
      if (bytesRead === 0) {
        throw new ComposefsError('REQUEST_FILE', 'the file became shorter while it was read', location);
      }
      got += bytesRead;
    }
    return bytes;
  };
  try {
    return await use({ size, read });
  } catch (error) {
    throw error instanceof ComposefsError ? error.at(location) : error;
  } finally {
    closeSync(fd);
  }
}
