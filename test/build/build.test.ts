import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { expect, inject, test } from "vitest";
import { root } from "../architecture/sources.ts";

/** Finds an error in a source that says so. */
const compiler = `
if (/error/.test(require("node:fs").readFileSync("src/main.ts", "utf8"))) process.exit(2);
`;

/** Writes what it bundled, and how often it has run, to `dist/cli/main.js`. */
const bundler = `
const fs = require("node:fs");
const runs = fs.existsSync("runs") ? Number(fs.readFileSync("runs", "utf8")) + 1 : 1;
fs.writeFileSync("runs", String(runs));
fs.mkdirSync("dist/cli", { recursive: true });
fs.writeFileSync("dist/cli/main.js", fs.readFileSync("src/main.ts", "utf8"));
`;

/** A project of one source, with the build of this one and a compiler and a bundler that answer at once. */
function makeProject() {
  const folder = mkdtempSync(path.join(inject("runFolder"), "build-"));
  const inside = (name: string) => path.join(folder, name);
  for (const name of ["bin", "src", "node_modules/typescript/bin", "node_modules/esbuild/bin"])
    mkdirSync(inside(name), { recursive: true });
  cpSync(path.join(root, "bin/build.js"), inside("bin/build.js"));
  writeFileSync(inside("package.json"), '{"type": "module"}');
  writeFileSync(inside("node_modules/typescript/package.json"), "{}");
  writeFileSync(inside("node_modules/typescript/bin/tsc"), compiler);
  writeFileSync(inside("node_modules/esbuild/package.json"), "{}");
  writeFileSync(inside("node_modules/esbuild/bin/esbuild"), bundler);
  for (const name of ["tsconfig.json", "tsconfig.build.json", "package-lock.json"]) writeFileSync(inside(name), "{}");
  writeFileSync(inside("src/main.ts"), "const answer = 1;");
  return {
    write: (name: string, text: string) => writeFileSync(inside(name), text),
    remove: (name: string) => rmSync(inside(name), { recursive: true }),
    /** How often the bundler has run. */
    runs: () => Number(readFileSync(inside("runs"), "utf8")),
    build: (...options: string[]) => {
      const { status, stderr } = spawnSync(process.execPath, [inside("bin/build.js"), ...options], {
        encoding: "utf8",
      });
      return { status, stderr };
    },
  };
}

const done = { status: 0, stderr: "" };

test("the start compiles where sources have changed since the build, and nowhere else", () => {
  const project = makeProject();
  expect(project.build("--if-stale")).toEqual(done);
  expect(project.build("--if-stale")).toEqual(done);
  expect(project.runs()).toBe(1);
  project.write("src/main.ts", "const answer = 2;");
  expect(project.build("--if-stale")).toEqual(done);
  expect(project.runs()).toBe(2);
  project.write("src/main.ts", "const answer = 1;");
  expect(project.build("--if-stale")).toEqual(done);
  expect(project.runs()).toBe(3);
  expect(project.build()).toEqual(done);
  expect(project.runs()).toBe(4);
});

test("a build that failed counts as none", () => {
  const project = makeProject();
  project.build();
  project.write("src/main.ts", "error");
  expect(project.build("--if-stale").status).toBe(1);
  expect(project.build("--if-stale").status).toBe(1);
  project.write("src/main.ts", "const answer = 1;");
  expect(project.build("--if-stale")).toEqual(done);
  expect(project.runs()).toBe(2);
});

test("without the compiler a current build serves, and installing never fails", () => {
  const project = makeProject();
  project.build();
  project.remove("node_modules");
  expect(project.build("--if-stale")).toEqual(done);
  expect(project.build("--if-stale", "--optional")).toEqual(done);
  project.write("src/main.ts", "const answer = 2;");
  expect(project.build("--if-stale", "--optional")).toEqual(done);
});

test("without the compiler a start refuses a build that is missing or of other sources, and says what to do", () => {
  const project = makeProject();
  project.build();
  project.remove("node_modules");
  project.write("src/main.ts", "const answer = 2;");
  const { status, stderr } = project.build("--if-stale");
  expect(status).toBe(1);
  expect(stderr).toContain("dist/ was built from other sources");
  expect(stderr).toContain("run npm ci without --omit=dev");
  project.remove("dist");
  expect(project.build("--if-stale").stderr).toContain("dist/ is missing");
});

test("a folder without sources, like the image's, runs the build that it has", () => {
  const project = makeProject();
  project.build();
  for (const name of ["src", "node_modules", "tsconfig.json", "tsconfig.build.json"]) project.remove(name);
  expect(project.build("--if-stale")).toEqual(done);
});
