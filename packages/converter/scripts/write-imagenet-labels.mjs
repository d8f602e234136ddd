// Writes src/labels/imagenet.generated.ts from a list of the 1000 synsets in class order, one
// `nXXXXXXXX name, name` a line:   node scripts/write-imagenet-labels.mjs <synsets.txt>
import { readFileSync, writeFileSync } from 'node:fs';

const NOTICE = `
WordNet Release 3.0

This software and database is being provided to you, the LICENSEE, by Princeton University under the
following license. By obtaining, using and/or copying this software and database, you agree that you
have read, understood, and will comply with these terms and conditions.:

Permission to use, copy, modify and distribute this software and database and its documentation for
any purpose and without fee or royalty is hereby granted, provided that you agree to comply with the
following copyright notice and statements, including the disclaimer, and that the same appear on ALL
copies of the software, database and documentation, including modifications that you make for
internal use or for distribution.

WordNet 3.0 Copyright 2006 by Princeton University. All rights reserved.

THIS SOFTWARE AND DATABASE IS PROVIDED "AS IS" AND PRINCETON UNIVERSITY MAKES NO REPRESENTATIONS OR
WARRANTIES, EXPRESS OR IMPLIED. BY WAY OF EXAMPLE, BUT NOT LIMITATION, PRINCETON UNIVERSITY MAKES NO
REPRESENTATIONS OR WARRANTIES OF MERCHANTABILITY OR FITNESS FOR ANY PARTICULAR PURPOSE OR THAT THE
USE OF THE LICENSED SOFTWARE, DATABASE OR DOCUMENTATION WILL NOT INFRINGE ANY THIRD PARTY PATENTS,
COPYRIGHTS, TRADEMARKS OR OTHER RIGHTS.

The name of Princeton University or Princeton may not be used in advertising or publicity pertaining
to distribution of the software and/or database. Title to copyright in this software, database and
any associated documentation shall at all times remain with Princeton University and LICENSEE agrees
to preserve same.
`;

const [input] = process.argv.slice(2);
if (input === undefined) throw new Error('usage: write-imagenet-labels.mjs <synsets.txt>');
const lines = readFileSync(input, 'utf8').trim().split(/\r?\n/);
const wrong = lines.findIndex((line) => !/^n\d{8} [^`\\$]+$/.test(line));
if (lines.length !== 1000 || wrong >= 0) {
  throw new Error(`${input}: ${lines.length} lines, expected 1000; first bad line: ${wrong + 1}`);
}

const comment = NOTICE.trim()
  .split('\n')
  .map((line) => ` * ${line}`.trimEnd())
  .join('\n');
const text = `/*
 * Written by scripts/write-imagenet-labels.mjs. Class names and ids are synsets of WordNet:
 *
${comment}
 */

/** The 1000 classes of ILSVRC 2012 in the order of the nets' outputs: wnid, space, synonyms. */
export const IMAGENET_SYNSETS = \`
${lines.join('\n')}
\`;
`;
writeFileSync(new URL('../src/labels/imagenet.generated.ts', import.meta.url), text);
