/**
 * Rejections as JSON, and failures that a command has already reported.
 * @module
 */

import { printable } from '../bytes.ts';
import { type ComposefsError, codes } from '../errors.ts';

/** Thrown by a command whose output already reports the failure: exit code 1, and no further message. */
export class FailureReported extends Error {
  constructor() {
    super('the failure was already reported');
    this.name = 'FailureReported';
  }
}

/** A rejection as JSON, with the meaning of its code and the parts of its location. */
export function rejectionJson({
  code,
  stage,
  message,
  detail,
  location,
}: ComposefsError): Record<string, unknown> {
  const { file, layer, entry, offset, line } = location;
  return {
    code,
    stage,
    message,
    meaning: codes[code],
    detail,
    file,
    layer,
    entry: entry === undefined ? undefined : printable(entry),
    offset: offset === undefined ? undefined : Number(offset),
    line,
  };
}
