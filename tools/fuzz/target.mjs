// @ts-check

/**
 * Files that are read together; one of them is opened.
 *
 * @typedef {object} Input
 * @property {string} name of the seed
 * @property {string} open
 * @property {Readonly<Record<string, Uint8Array>>} files
 */

/**
 * What is fuzzed: readers of one kind of input.
 *
 * @typedef {object} Target
 * @property {string} name
 * @property {number} share of the mutants, relative to other targets
 * @property {boolean} [wholeOrRefused] checksums cover every value: damaged bytes are refused, or read as
 *   what the whole seed holds
 * @property {boolean} [waits] time is waited as well as computed, as at a server: both are bounded
 * @property {(detail: string) => number} [pixelsOf] of a picture that was read, by what `run` says of it
 * @property {(fileName: string) => readonly import('./mutate/bytes.mjs').Mutation[]} mutationsOf
 * @property {() => Promise<Started>} start in the process that runs the mutants
 */

/**
 * @typedef {object} Started
 * @property {readonly Input[]} seeds
 * @property {(input: Input) => Promise<string>} run reads all that is in the input, and says in a short
 *   text what: a digest; throws what the reader throws
 * @property {() => Promise<void>} [stop]
 */

export {};
