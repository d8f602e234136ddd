// @ts-check
import { isConverterError } from '@gradcam/converter';
import { isGradcamError } from '@gradcam/core';
import { isRunError } from '@gradcam/runs';
import { CommandError } from '../../packages/cli/dist/exit-codes.js';

/**
 * The outcome of a mutant. `fault` says why it is a finding, and its text is the same for all findings with
 * one cause.
 *
 * @typedef {object} Outcome
 * @property {string} kind `value`, or the error's tag
 * @property {string} detail digest of the value, or the message
 * @property {{ kind: string, cause: string, stack?: string } | undefined} fault
 */

/** The longest message that counts as one clear line. A longer message repeats its input. */
const MAX_MESSAGE = 2000;
const CONTROLS = /[\0-\x1f\x7f-\x9f\u2028\u2029]/;
/** The number of characters kept from the end of a stack, because the message before it may be long. */
const STACK_TAIL = 1500;

/** Thrown if two readers see different values, or if one breaks its own contract. */
export class Disagreement extends Error {
  /** @param {string} message the same for all mutants of one cause */
  constructor(message) {
    super(message);
    this.name = 'Disagreement';
  }
}

/**
 * Runs a reader once.
 *
 * @param {() => Promise<string>} run
 * @returns {Promise<Outcome>}
 */
export async function observe(run) {
  try {
    return { kind: 'value', detail: await run(), fault: undefined };
  } catch (error) {
    return judge(error);
  }
}

/**
 * @param {unknown} error
 * @returns {Outcome}
 */
function judge(error) {
  if (error instanceof Disagreement) {
    const fault = { kind: 'disagreement', cause: error.message };
    return { kind: 'disagreement', detail: error.message, fault };
  }
  const kind = tagOf(error);
  const detail = error instanceof Error ? error.message : String(error);
  const stack = error instanceof Error ? (error.stack ?? '').slice(-STACK_TAIL) : '';
  if (kind === undefined) {
    const name = error instanceof Error ? error.name : typeof error;
    const fault = { kind: 'untagged', cause: `${name} at ${findPlace(error)}`, stack };
    return { kind: `untagged ${name}`, detail: detail.slice(0, MAX_MESSAGE), fault };
  }
  if (detail.length > MAX_MESSAGE) {
    const fault = { kind: 'long message', cause: `${kind} at ${findPlace(error)}` };
    return { kind, detail: detail.slice(0, MAX_MESSAGE), fault };
  }
  if (CONTROLS.test(detail)) {
    const fault = { kind: 'controls in a message', cause: `${kind} at ${findPlace(error)}` };
    return { kind, detail, fault };
  }
  return { kind, detail, fault: undefined };
}

/** @param {unknown} error */
function tagOf(error) {
  if (isConverterError(error)) return error.tag;
  if (isGradcamError(error)) return `GradcamError ${error.kind}`;
  if (isRunError(error)) return `RunError ${error.kind}`;
  return error instanceof CommandError ? `CommandError ${error.exitCode}` : undefined;
}

/**
 * The place in this project where an error was created; otherwise the first place of its stack.
 *
 * @param {unknown} error
 */
function findPlace(error) {
  const lines = (error instanceof Error ? (error.stack ?? '') : '')
    .split('\n')
    .filter((line) => /^ +at /.test(line));
  const own = lines.find(
    (line) => /\/packages\/\w+\/dist\//.test(line) && !/\/errors\.js/.test(line),
  );
  const place = /at (?:async )?(?:(\S+) )?.*?\/((?:packages|node_modules)\/[^)]+)/.exec(
    own ?? lines[0] ?? '',
  );
  return place === null ? (own ?? lines[0] ?? 'nowhere').trim() : `${place[1] ?? ''} ${place[2]}`;
}
