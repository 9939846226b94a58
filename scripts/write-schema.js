// Writes docs/config.schema.json from the compiled sources: npm run schema.
import { writeFileSync } from 'node:fs';
import { configSchema } from '../dist/src/config/json-schema/config-schema.js';

const file = new URL('../docs/config.schema.json', import.meta.url);
writeFileSync(file, `${JSON.stringify(configSchema(), null, 2)}\n`);
