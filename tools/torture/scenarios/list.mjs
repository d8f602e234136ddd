// @ts-check
import { converting, convertingAnew, fetching, inspecting } from './converting.mjs';
import { explaining, explainingLarge, explainingMapped, resuming } from './explaining.mjs';
import { exporting } from './exporting.mjs';
import { exportingReport, makingSheet, viewing } from './showing.mjs';

/** The scenarios, in the order in which they take turns. */
export const scenarios = [
  ...[fetching, explaining, convertingAnew, resuming, makingSheet, converting],
  ...[viewing, explainingLarge, exportingReport, explainingMapped, inspecting, exporting],
];
