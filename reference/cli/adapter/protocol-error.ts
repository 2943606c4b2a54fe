/**
 * What ends the adapter before its time.
 * @module
 */

/** A line on stdin that is no message of the protocol: there is no id to answer it with. */
export class ProtocolError extends Error {}
