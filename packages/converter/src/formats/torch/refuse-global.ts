import { UnsupportedError } from '../../errors.ts';
import { nextStepForFastai, nextStepForModules, nextStepForQuantised } from './export-lines.ts';

/** The most characters of a name that a message shows. */
const SHOWN = 80;

/**
 * The error for a class or function that a pickle names and that is not allowed: calling it could run any
 * code. Most of these files are whole models, whose classes stand in the Python code of their authors.
 */
export function refuseGlobal(module: string, name: string, offset: number): UnsupportedError {
  const full = `${module}.${name}`;
  const { what, next } = explain(module, name);
  return new UnsupportedError(
    `pickle global ${full}`,
    `the pickle names ${JSON.stringify(full.slice(0, SHOWN))} (byte ${offset}), ${what}; the file is refused, and nothing was executed; ${next}`,
  );
}

function explain(module: string, name: string): { what: string; next: string } {
  if (module === 'torch._utils' && name === '_rebuild_qtensor') {
    return { what: 'a tensor of whole numbers of a quantised net', next: nextStepForQuantised };
  }
  const what = 'a class or function whose Python code is not in the file';
  return { what, next: /^fastai\b/.test(module) ? nextStepForFastai : nextStepForModules };
}
