// @ts-check
/**
 * Writes docs/licences.md and the notices of the built pages from package-lock.json:
 * node tools/release/write-licences.mjs
 */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { formatLicencesPage } from './licences-page.mjs';
import { root } from './licences.mjs';
import { formatPageNotices } from './third-party.mjs';

writeFileSync(path.join(root, 'docs/licences.md'), await formatLicencesPage());
writeFileSync(path.join(root, 'packages/viewer/THIRD-PARTY-NOTICES'), formatPageNotices());
