import { expect, test } from "vitest";
import { sourcesIn } from "./sources.ts";

const sources = sourcesIn("src");

/** Names of a private vocabulary, as parts of identifiers and file names, and the standard word in their place. */
const replaced: Record<string, string> = {
  asker: "ProviderAccount",
  keeper: "InboxWriter",
  lane: "priority, or pollConnection",
  rung: "urgent",
  raced: "ConcurrentUpdate",
  reunite: "mergeTransactions",
  survivors: "resolveMerged",
  seldom: "throttledLog",
  tally: "PassSummary",
  trouble: "CallFailure",
  addressee: "CallbackTarget",
  lasting: "reconnectingClient",
  knock: "ping",
  harmless: "guard",
};

test("an exported type name is declared once", () => {
  const files = new Map<string, string[]>();
  for (const { file, text } of sources) {
    for (const [, name] of text.matchAll(/^export (?:type|interface|class) (\w+)/gm)) {
      files.set(name!, [...(files.get(name!) ?? []), file]);
    }
  }
  expect([...files].filter(([, declared]) => declared.length > 1)).toEqual([]);
});

test("names of types, functions, variables and files are the field's own words", () => {
  const declared = sources.flatMap(({ file, text }) => [
    ...[...text.matchAll(/\b(?:type|class|function|const|let) (\w+)/g)].map(match => ({ file, name: match[1]! })),
    ...file
      .replace(/\.\w+$/, "")
      .split("/")
      .map(name => ({ file, name })),
  ]);
  const wrong = declared.flatMap(({ file, name }) => {
    const words = name.split(/[-_]|(?=[A-Z])/).map(word => word.toLowerCase());
    const found = words.find(word => Object.hasOwn(replaced, word));
    return found === undefined ? [] : [`${file}: ${name} (say ${replaced[found]})`];
  });
  expect(wrong).toEqual([]);
});
