import { toPrintable } from '@gradcam/core';
import type { SourceInspection } from '@gradcam/converter/node';
import type { Terminal } from '../../terminal/messages.ts';

/** The widest column of names. A longer name exceeds the column and does not widen the other lines. */
const MAX_WIDTH = 80;

/**
 * Prints the list of tensors as a table with the total first, and what a whole model or
 * net consists of.
 */
export function printWeights(
  { format, tensors, skipped, layers = [], model, notes = [], signatures = [] }: SourceInspection,
  terminal: Terminal,
): void {
  const total = tensors.reduce((sum, { bytes }) => sum + bytes, 0);
  terminal.out(`${format}: ${tensors.length} tensors, ${(total / 1e6).toFixed(1)} MB`);
  const longest = tensors.reduce((width, { name }) => Math.max(width, name.length), 0);
  const width = Math.min(MAX_WIDTH, longest);
  for (const { name, dtype, shape, bytes } of tensors) {
    const size = `[${shape.join(', ')}]`;
    terminal.out(
      `${toPrintable(name).padEnd(width)}  ${dtype.padEnd(8)} ${size.padEnd(20)} ${bytes}`,
    );
  }
  if (model)
    terminal.out(`weights of ${model.architecture} (${model.title}), ${model.classes} classes`);
  for (const note of notes) terminal.note(toPrintable(note));
  for (const { name, inputs, outputs, isChosen } of signatures) {
    const ends = `${inputs.join(', ')} to ${outputs.join(', ')}`;
    terminal.out(toPrintable(`${isChosen ? '*' : ' '} signature ${name}: ${ends}`));
  }
  if (layers.length > 0) terminal.out(`a model of ${layers.length} layers:`);
  const longestLayer = layers.reduce((most, { name }) => Math.max(most, name.length), 0);
  for (const { name, className } of layers) {
    terminal.out(toPrintable(`${name.padEnd(Math.min(MAX_WIDTH, longestLayer))}  ${className}`));
  }
  for (const { name, reason } of skipped) terminal.out(toPrintable(`${name}: ${reason}`));
}
