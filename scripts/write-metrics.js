// Writes the table of docs/metrics.md from the compiled sources: npm run metrics-doc.
import { readFileSync, writeFileSync } from 'node:fs';
import { metricsTable, withTable } from '../dist/src/observing/metrics-table.js';

const file = new URL('../docs/metrics.md', import.meta.url);
writeFileSync(file, withTable(readFileSync(file, 'utf8'), metricsTable()));
