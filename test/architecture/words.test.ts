import { readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { root, sourcesIn } from "./sources.ts";

const texts = () => [
  ...["src", "test", "docs", "bench", "chaos", "bin", "migrations", ".ci"].flatMap(folder =>
    sourcesIn(folder, /^(?!.*_snapshot\.json$)/),
  ),
  ...[
    "README.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    "package.json",
    "Dockerfile",
    "biome.json",
    "tsconfig.json",
  ].map(file => ({
    file,
    text: readFileSync(path.join(root, file), "utf8"),
  })),
];

/** Somebody's home, drive or workspace: such a path is true on one machine only. */
const somebodysPath = /(?<![\w.])\/(?:home|root|Users|work|workspace)\/[\w.-]+|[A-Z]:\\Users\\/;

test("no file names a path of one machine", () => {
  const naming = texts().flatMap(({ file, text }) => {
    const found = somebodysPath.exec(text);
    return found ? [`${file}: ${found[0]}`] : [];
  });
  expect(naming).toEqual([]);
});

test("no source leaves work for later in a comment", () => {
  const later = sourcesIn("src").filter(({ text }) => /\b(TODO|FIXME|XXX|HACK)\b/.test(text));
  expect(later.map(({ file }) => file)).toEqual([]);
});
