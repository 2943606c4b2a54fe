/**
 * Rejections as JSON, and failures that a command has already reported.
 * @module
 */

import { printable, shortened } from '../bytes.ts';
import { type ComposefsError, codes } from '../errors.ts';

/** Thrown by a command whose output already reports the failure: exit code 1, and no further message. */
export class FailureReported extends Error {
  constructor() {
    super('the failure was already reported');
    this.name = 'FailureReported';
  }
}

/** More characters than any path that the standard allows. */
const PATH_MAX = 4096;

/** A rejection as JSON, with the meaning of its code and the parts of its location. */
export function rejectionJson({
  code,
  stage,
  message,
  detail,
  location,
  system,
}: ComposefsError): Record<string, unknown> {
  const { file, layer, entry, offset, line } = location;
  return {
    code,
    stage,
    message,
    meaning: codes[code],
    detail,
    system,
    file,
    layer,
    entry: entry === undefined ? undefined : printable(shortened(entry, PATH_MAX)),
    offset: offset === undefined ? undefined : Number(offset),
    line,
  };
}
