import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { root } from "../architecture/sources.ts";

const textOf = (file: string) => readFileSync(path.join(root, file), "utf8");

/** Instructions in order, comments and line breaks within an instruction taken out. */
const instructions = textOf("Dockerfile")
  .replace(/^#.*\n/gm, "")
  .replace(/\\\n\s*/g, "")
  .split("\n")
  .filter(line => line !== "")
  .map(line => ({ name: line.slice(0, line.indexOf(" ")), argument: line.slice(line.indexOf(" ") + 1) }));

const lastStage = instructions.slice(instructions.findLastIndex(({ name }) => name === "FROM"));
const argumentsOf = (name: string, among = instructions) =>
  among.filter(each => each.name === name).map(each => each.argument);

test("an image is built from a base image that its digest names, and from no other", () => {
  expect(instructions[0]).toEqual({ name: "ARG", argument: "NODE_IMAGE" });
  const stages = argumentsOf("FROM").map(from => / AS (\w+)$/.exec(from)?.[1]);
  const foreign = argumentsOf("FROM").filter(
    from => !from.startsWith("$NODE_IMAGE") && !stages.includes(from.split(" ")[0]),
  );
  expect(foreign).toEqual([]);
  const [command, ...args] = JSON.parse(argumentsOf("RUN")[0]!) as [string, ...string[]];
  expect(command).toBe("node");
  const checked = (image: string) =>
    spawnSync(process.execPath, args, { env: { ...process.env, NODE_IMAGE: image }, encoding: "utf8" });
  expect(checked(`node:24-slim@sha256:${"0a".repeat(32)}`).status).toBe(0);
  for (const image of ["node:24-slim", "node@sha256:0a", `node:24-slim@sha256:${"0a".repeat(32)}x`]) {
    expect(checked(image)).toMatchObject({ status: 1, stderr: expect.stringContaining("must end in a digest") });
  }
});

test("packages come from the lock file, run no install script, and in the image are production packages alone", () => {
  const installs = argumentsOf("RUN").filter(command => /^npm (?!run )/.test(command));
  expect(installs).toEqual(["npm ci --omit=dev --ignore-scripts", "npm ci --ignore-scripts"]);
  expect(argumentsOf("COPY", lastStage)).toContain("--from=packages /app/node_modules ./node_modules");
  expect(argumentsOf("RUN", lastStage).join()).toMatch(/^rm -rf .*\/node_modules .*\/npm .*\/npx /);
});

test("the image runs without rights and without a shell in between, is stopped by SIGTERM, and is healthy by /healthz", () => {
  expect(argumentsOf("USER", lastStage)).toEqual(["1000:1000"]);
  expect(argumentsOf("ENTRYPOINT", lastStage)).toEqual(['["node", "bin/hakika.js"]']);
  expect(argumentsOf("CMD", lastStage)).toEqual(['["start"]']);
  expect(argumentsOf("STOPSIGNAL", lastStage)).toEqual(["SIGTERM"]);
  expect(argumentsOf("HEALTHCHECK", lastStage)[0]).toMatch(/CMD \["node", "-e", "fetch\(.*\/healthz'/);
  expect(argumentsOf("VOLUME", lastStage)).toEqual(["/data"]);
  expect(argumentsOf("ENV", lastStage).join()).toContain("HAKIKA_DATA_DIR=/data");
});

test("every file that the image copies exists and is let through by .dockerignore", () => {
  const letThrough = textOf(".dockerignore").match(/(?<=^!).+/gm)!;
  const copied = argumentsOf("COPY")
    .filter(argument => !argument.startsWith("--from"))
    .flatMap(argument => argument.split(" ").slice(0, -1));
  expect(copied.filter(file => !existsSync(path.join(root, file)))).toEqual([]);
  const covering = (file: string) => letThrough.find(each => file === each || file.startsWith(`${each}/`)) ?? file;
  expect([...new Set(copied.map(covering))].sort()).toEqual(letThrough.sort());
});
