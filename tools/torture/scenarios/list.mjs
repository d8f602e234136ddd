// @ts-check
import { converting, convertingAnew, fetching, inspecting } from './converting.mjs';
import { explaining, explainingLarge, explainingMapped, resuming } from './explaining.mjs';
import { exporting } from './exporting.mjs';
import { exportingReport, makingSheet, viewing } from './showing.mjs';

/** In the order in which faults take turns over them. */
export const scenarios = [
  ...[fetching, explaining, convertingAnew, resuming, makingSheet, converting],
  ...[viewing, explainingLarge, exportingReport, explainingMapped, inspecting, exporting],
];
