/**
 * One run, explained by many processes and machines.
 *
 * @module
 */
export {};
