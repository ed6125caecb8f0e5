import { expect, test } from "vitest";
import { sourcesIn } from "./sources.ts";

const columnsMax = 120;

/**
 * Words that make a sentence a riddle: pronouns without a noun, and the private vocabulary of an earlier version. They
 * may not stand in comments, log lines, errors, labels or names of tests.
 */
const riddles =
  /\b(?:whoever|whomever|nobody|somebody|anew|of theirs|of ours|rung|asker|keeper|tally|seldom|reunite|survivors|addressee)\b|\bWhat \w+(?: \w+){0,6} is (?:what|who)\b/i;

/** Comments of a source, each with its markers taken off. */
function commentsOf(text: string): string[] {
  return [...text.matchAll(/\/\*\*?([\s\S]*?)\*\/|(?<![:"'`\\])\/\/ (.*)$/gm)].map(match =>
    (match[1] ?? match[2]!).replace(/\s*\n\s*\*\s?/g, " ").trim(),
  );
}

/** Sentences in quotes: log lines, errors, labels, names of tests. One word alone is a name. */
function sentencesOf(text: string): string[] {
  return [...text.matchAll(/"((?:[^"\\\n]|\\.)*)"|`((?:[^`\\]|\\.)*)`/g)]
    .map(match => match[1] ?? match[2]!)
    .filter(sentence => /[a-z] [a-z]/i.test(sentence));
}

test("comments, log lines, errors and labels say who does what, in words that need no second reading", () => {
  const wrong = sourcesIn("src").flatMap(({ file, text }) =>
    [...commentsOf(text), ...sentencesOf(text)]
      .filter(sentence => riddles.test(sentence))
      .map(sentence => `${file}: ${sentence}`),
  );
  expect(wrong).toEqual([]);
});

test("names of tests do likewise", () => {
  const wrong = sourcesIn("test", /\.test\.tsx?$/).flatMap(({ file, text }) =>
    [...text.matchAll(/\b(?:test|describe|it)(?:\.\w+)*\(\s*["`]([^"`\n]+)["`]/g)]
      .map(match => match[1]!)
      .filter(name => riddles.test(name))
      .map(name => `${file}: ${name}`),
  );
  expect(wrong).toEqual([]);
});

test("no line of the program is longer than 120 columns", () => {
  const long = sourcesIn("src").flatMap(({ file, text }) =>
    text.split("\n").flatMap((line, at) => (line.length > columnsMax ? [`${file}:${at + 1}`] : [])),
  );
  expect(long).toEqual([]);
});

test("every TypeScript file that a comment names exists", () => {
  const files = [
    ...sourcesIn("src"),
    ...sourcesIn("test"),
    ...sourcesIn("bench"),
    ...sourcesIn("chaos"),
    ...sourcesIn("docs"),
  ];
  const wrong = files.flatMap(({ file, text }) =>
    commentsOf(text).flatMap(comment =>
      [...comment.matchAll(/(?<![\w/.*-])((?:[\w-]+\/)*[\w-]+(?:\.test)?\.tsx?)\b/g)]
        .map(match => match[1]!)
        .filter(name => !files.some(other => other.file === name || other.file.endsWith(`/${name}`)))
        .map(name => `${file}: ${name}`),
    ),
  );
  expect(wrong).toEqual([]);
});
