/**
 * The error that ends the adapter early.
 * @module
 */

/** A line on stdin is not a message of the protocol, so that there is no id to answer it with. */
export class ProtocolError extends Error {}
