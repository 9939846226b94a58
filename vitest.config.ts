import { defineConfig } from 'vitest/config';
import { BaseSequencer } from 'vitest/node';

/** What takes minutes begins first: the others run beside it. */
class LongestFirst extends BaseSequencer {
  override async sort(files: Parameters<BaseSequencer['sort']>[0]): ReturnType<BaseSequencer['sort']> {
    const sorted = await super.sort(files);
    const isLong = ({ moduleId }: { readonly moduleId: string }) =>
      /\/(drill|soak)\.test\.ts$/.test(moduleId);
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}

export default defineConfig({
  test: {
    retry: 0,
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/{unit,engine,records,contract}/**/*.test.ts'],
          setupFiles: ['test/support/properties.ts'],
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          globalSetup: ['test/e2e/setup.ts'],
          testTimeout: 60_000,
          hookTimeout: 90_000,
          // Two switches at a time, and only once the unit tests have left the machine to them. A real engine is one's alone.
          maxWorkers: process.env['TOLLBRIDGE_DRACHTIO'] === undefined ? 2 : 1,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
