import type { CapabilityReport } from '@gradcam/core';
import type { Terminal } from '../../terminal/messages.ts';

/** Who computes the model, and by which methods it can be explained; methods of one reason together. */
export function printCapabilities(report: CapabilityReport, terminal: Pick<Terminal, 'out'>): void {
  const { foreignLayers, layer } = report;
  const [first] = foreignLayers;
  if (first?.by === 'graph-model') {
    terminal.out('run as a GraphModel by tfjs-converter: forward passes only, no gradients');
  } else if (first !== undefined) {
    const names = foreignLayers.map((one) => `${one.layer} (${one.className})`).join(', ');
    terminal.out(`layers run by tfjs-layers: ${names}`);
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
