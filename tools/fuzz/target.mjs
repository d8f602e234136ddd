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
 * A target of the fuzzer: the readers of one kind of input.
 *
 * @typedef {object} Target
 * @property {string} name
 * @property {number} share of the mutants, relative to other targets
 * @property {boolean} [wholeOrRefused] checksums cover every value, so damaged bytes are refused, or read as
 *   the values of the undamaged seed
 * @property {boolean} [waits] the target also waits, as at a server, so wall-clock time is bounded too
 * @property {(detail: string) => number} [pixelsOf] of a picture that was read, by what `run` says of it
 * @property {(fileName: string) => readonly import('./mutate/bytes.mjs').Mutation[]} mutationsOf
 * @property {() => Promise<Started>} start in the process that runs the mutants
 */

/**
 * @typedef {object} Started
 * @property {readonly Input[]} seeds
 * @property {(input: Input) => Promise<string>} run reads the whole input and returns a digest of the
 *   values, a short text; throws the reader's errors
 * @property {() => Promise<void>} [stop]
 */

export {};
