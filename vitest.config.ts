import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts", "client/test/**/*.test.ts"],
    globalSetup: ["test/support/global-setup.ts"],
    pool: "forks",
    // Files share their process and its loaded modules: loading anew took a third of the time. No module keeps state.
    isolate: false,
    maxWorkers: 2,
    // Crash recovery and first starts on a busy machine, never a measure of speed.
    testTimeout: 90_000,
    hookTimeout: 90_000,
    teardownTimeout: 60_000,
    restoreMocks: true,
  },
});
