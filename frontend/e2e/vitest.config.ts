import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { defineConfig } from 'vitest/config';

/** In the order of their names, pictures first: they show the demo before anything changes it. */
class ByName extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = (file: TestSpecification) =>
      (file.moduleId.includes('screenshots') ? '0 ' : '1 ') + file.moduleId;
    return files.toSorted((a, b) => rank(a).localeCompare(rank(b)));
  }
}

export default defineConfig({
  root: import.meta.dirname,
  test: {
    include: ['*.e2e.ts'],
    globalSetup: ['server.ts'],
    // One server and one database: the files take turns.
    fileParallelism: false,
    sequence: { sequencer: ByName },
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
