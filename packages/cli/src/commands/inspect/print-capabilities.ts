import type { CapabilityReport } from '@gradcam/core';
import type { Terminal } from '../../terminal/messages.ts';

/** The most layers or nodes that a line names. A quantised model may have hundreds. */
const NAMED = 12;

/**
 * Prints which library computes the model and which methods can explain it. Methods that are refused for the
 * same reason share one line.
 */
export function printCapabilities(report: CapabilityReport, terminal: Pick<Terminal, 'out'>): void {
  const { foreignLayers, layer } = report;
  const [first] = foreignLayers;
  if (first?.by === 'graph-model') {
    terminal.out('run as a GraphModel by tfjs-converter: forward passes only, no gradients');
  } else if (first !== undefined) {
    const names = foreignLayers.map((one) => `${one.layer} (${one.className})`);
    const more = names.length > NAMED ? `, and ${names.length - NAMED} more (--json has all)` : '';
    const is =
      first.by === 'tfjs-layers'
        ? 'layers run by tfjs-layers'
        : 'nodes that ONNX Runtime runs as they stand in the file, without gradients';
    terminal.out(`${is}: ${names.slice(0, NAMED).join(', ')}${more}`);
  }
  const possible = report.methods.filter((one) => one.possible).map(({ method }) => method);
  terminal.out(`methods at ${layer}: ${possible.join(', ')}`);
  const refused = new Map<string, string[]>();
  for (const one of report.methods) {
    if (one.possible) continue;
    refused.set(one.reason, [...(refused.get(one.reason) ?? []), one.method]);
  }
  for (const [reason, names] of refused)
    terminal.out(`not available: ${names.join(', ')}: ${reason}`);
}
