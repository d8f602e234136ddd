import { isGradcamError, parseResult, type FailureLine, type ResultLine } from '@gradcam/core';

/**
 * The line, or a failure where readers would refuse the line: a model with broken weights may give numbers
 * that are not finite, and JSON has none.
 *
 * @param subject what the failure is about.
 */
export function toReadableLine(
  line: ResultLine,
  subject: Pick<FailureLine, 'image' | 'question'> = { image: line.image },
): ResultLine | FailureLine {
  try {
    parseResult(JSON.stringify(line), 1);
    return line;
  } catch (error) {
    if (!isGradcamError(error)) throw error;
    const field = error.message.slice(error.message.indexOf(': ') + 2);
    return {
      ...subject,
      error: `${line.image}: a number of the result is not finite or out of range (${field}); check the weights`,
    };
  }
}
