import { expect, test } from "vitest";
import { importsOf, sourcesIn } from "../architecture/sources.ts";

const room = "src/reconcile/";

/** Floors of the room, lowest first: a file imports from its own floor and from lower ones. A new folder needs a floor. */
const floors: readonly RegExp[] = [
  /^(?:calls\/|task-set\.ts$|pass-counts\.ts$|pass-time\.ts$)/,
  /^deps\.ts$/,
  /^(?:poll|statements)\//,
  /^audit\//,
  /^[\w-]+\.ts$/,
];
const floorOf = (file: string) => floors.findIndex(pattern => pattern.test(file.slice(room.length)));
const folderOf = (file: string) => file.slice(room.length).split("/").slice(0, -1).join("/");

const files = sourcesIn("src/reconcile");
const imports = files.flatMap(source =>
  importsOf(source)
    .filter(name => name.startsWith(room))
    .map(to => ({ from: source.file, to })),
);

test("imports inside reconcile run from passes and worker over polls and statements down to calls", () => {
  expect(files.filter(({ file }) => floorOf(file) === -1).map(({ file }) => file)).toEqual([]);
  expect(imports.filter(({ from, to }) => floorOf(to) > floorOf(from))).toEqual([]);
});

test("polls and statements do not import each other", () => {
  const folders = ["poll", "statements"];
  const crossing = imports.filter(
    ({ from, to }) =>
      folders.includes(folderOf(from)) && folders.includes(folderOf(to)) && folderOf(from) !== folderOf(to),
  );
  expect(crossing).toEqual([]);
});
