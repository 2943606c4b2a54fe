/**
 * Refusals as JSON, and results that are no success though nothing was thrown away.
 * @module
 */

import { printable } from '../bytes.ts';
import { type ComposefsError, codes } from '../errors.ts';

/** The command has said all there is to say, and it isn't that all is well: exit code 1. */
export class FailureReported extends Error {
  constructor() {
    super('the result says what is wrong');
    this.name = 'NotWell';
  }
}

/** A refusal as JSON: what the code says, and the place in its parts. */
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
