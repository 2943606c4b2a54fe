/**
 * @module
 */

/** This machine can't get a peer; the message says why. */
export class Unavailable extends Error {}
