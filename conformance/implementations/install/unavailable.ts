/**
 * The error of everything that needs a program, a package or the network.
 * @module
 */

/** A program cannot be installed or run on this machine; the message says why. */
export class Unavailable extends Error {}
