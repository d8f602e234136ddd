// @ts-check

/**
 * Checks how the command ended. It must end with a documented exit code or with the signal that was sent. A
 * failure must print one line on stderr and never a stack.
 *
 * @param {import('../command.mjs').Ending} ending
 * @param {readonly (number | NodeJS.Signals)[]} allowed codes and signals
 * @returns {string[]}
 */
export function checkEnding({ code, signal, stderr, hung }, allowed) {
  if (hung) return ['hangs'];
  const problems = [];
  const how = signal ?? code ?? Number.NaN;
  const said = stderr.trim();
  if (!allowed.includes(how)) problems.push(`ended with ${how}: ${said.slice(0, 400)}`);
  if (/^\s+at .+:\d+/m.test(stderr) || /\bnode:internal\b|UnhandledPromise/.test(stderr)) {
    problems.push(`a stack on stderr: ${said.slice(0, 400)}`);
  }
  if (signal !== null || code === 0) return problems;
  const lines = said.split('\n').filter((line) => line !== '');
  const errors = lines.filter((line) => line.startsWith('gradcam: '));
  // After a signal an additional first line says that the command is about to stop.
  const most = code === 130 || code === 143 ? 2 : 1;
  const least = code === 130 || code === 143 ? 0 : 1;
  if (errors.length < least || errors.length > most || lines.length > most) {
    problems.push(`${lines.length} lines on stderr: ${said.slice(0, 400)}`);
  }
  return problems;
}
