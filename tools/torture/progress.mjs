// @ts-check
/**
 * The progress of a long run for people: the present step in one line if stderr is a terminal, and the
 * findings.
 *
 * @typedef {object} Progress
 * @property {(text: string) => void} step
 * @property {(text: string) => void} tell
 * @property {() => void} end
 */

/** @returns {Progress} */
export function createProgress() {
  const isTerminal = process.stderr.isTTY === true;
  const clear = () => void (isTerminal && process.stderr.write('\r\x1b[2K'));
  return {
    step(text) {
      clear();
      if (isTerminal) process.stderr.write(text);
    },
    tell(text) {
      clear();
      process.stderr.write(`${text}\n`);
    },
    end: clear,
  };
}
