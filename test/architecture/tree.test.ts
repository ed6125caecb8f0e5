import { expect, test } from "vitest";
import { sourcesIn } from "./sources.ts";

const linesMax = 250;
const vague = /^(utils?|helpers?|services?|types|common|misc|shared|constants|index|manager|base)$/;

test("one idea to a file: none has more than 250 lines", () => {
  const long = sourcesIn("src")
    .map(({ file, text }) => ({ file, lines: text.split("\n").length - 1 }))
    .filter(({ lines }) => lines > linesMax);
  expect(long).toEqual([]);
});

test("every file and folder is named for what it is about", () => {
  const names = ["src", "test", "bench", "chaos", "docs"].flatMap(folder =>
    sourcesIn(folder, /\.(tsx?|mjs)$/).filter(({ file }) =>
      file.split("/").some(part => vague.test(part.replace(/(\.test)?\.\w+$/, ""))),
    ),
  );
  expect(names.map(({ file }) => file)).toEqual([]);
});

test("imports name files, nothing inherits but errors, and no check of the compiler is silenced", () => {
  const sources = sourcesIn("src");
  const withoutEnding = sources.filter(({ text }) => /from "\.{1,2}\/[^"]*(?<!\.tsx?|\.json)"/.test(text));
  expect(withoutEnding.map(({ file }) => file)).toEqual([]);
  const inherited = sources.filter(({ text }) => /^(export )?(abstract )?class \w+(?! extends Error\b)\b/m.test(text));
  expect(inherited.map(({ file }) => file)).toEqual([]);
  const silenced = sources.filter(({ text }) => /@ts-(ignore|nocheck)/.test(text));
  expect(silenced.map(({ file }) => file)).toEqual([]);
});
