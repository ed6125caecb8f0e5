import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { filled, pages } from "../../docs/fill.ts";
import { commands, helpText, tables } from "../../docs/tables.ts";
import { providers } from "../../src/providers/registry.ts";
import { root } from "../architecture/sources.ts";

const textOf = (page: string) => readFileSync(path.join(root, page), "utf8");
const withMappings = () => [
  ...pages(),
  "CHANGELOG.md",
  "SECURITY.md",
  ...[...providers.keys()].map(id => `src/providers/${id}/MAPPING.md`),
];

test("generated tables in the documents are current: else run npm run docs:tables", async () => {
  const current = await tables();
  const stale = pages().filter(page => filled(textOf(page), current) !== textOf(page));
  expect(stale).toEqual([]);
});

test("every table that can be generated stands in some page", async () => {
  const all = pages().map(textOf).join("\n");
  expect(Object.keys(await tables()).filter(name => !all.includes(`<!-- generated: ${name} -->`))).toEqual([]);
});

test("every relative link leads to a file, and every anchor to a heading", () => {
  const broken = withMappings().flatMap(page =>
    linksOf(textOf(page))
      .filter(link => !/^[a-z]+:/.test(link))
      .filter(link => !leadsSomewhere(page, link))
      .map(link => `${page}: ${link}`),
  );
  expect(broken).toEqual([]);
});

test("every provider has a page, and every page a provider", () => {
  const named = readdirSync(path.join(root, "docs/providers")).map(name => path.basename(name, ".md"));
  expect(named.sort()).toEqual([...providers.keys()].sort());
});

test("every command, npm script and environment variable that a document names exists", async () => {
  const known = (await commands()).map(({ name }) => name);
  const { scripts } = JSON.parse(textOf("package.json")) as { scripts: Record<string, string> };
  const { variables } = await import("../../src/app/variables.ts");
  const wrong = pages().flatMap(page => {
    const text = textOf(page);
    const inCode = [...text.matchAll(/`([^`\n]+)`|^(?:\$ )?((?:npx|npm) .*)$/gm)].map(match => match[1] ?? match[2]!);
    const named = inCode.flatMap(code => [...code.matchAll(/(?:^|npx )hakika ([a-z][\w-]*)/g)].map(match => match[1]!));
    const run = inCode.flatMap(code => [...code.matchAll(/npm run (?:--\w+ )?([\w:]+)/g)].map(match => match[1]!));
    const set = [...text.matchAll(/\bHAKIKA_[A-Z_]+\b/g)].map(match => match[0]);
    return [
      ...named.filter(name => !known.includes(name)),
      ...run.filter(name => !(name in scripts)),
      ...set.filter(name => !(name in variables)),
    ].map(name => `${page}: ${name}`);
  });
  expect([...new Set(wrong)]).toEqual([]);
});

test("every command the command line lists explains itself", async () => {
  for (const { name, does } of await commands()) {
    expect(does).not.toBe("");
    expect(await helpText([name])).toContain(`Usage: hakika ${name}`);
  }
});

test("decisions are numbered once each, from 1 without gaps, with a title, a status and a date", () => {
  const files = readdirSync(path.join(root, "docs/adr")).sort();
  expect(files.map(name => Number(name.slice(0, 4)))).toEqual(files.map((_, i) => i + 1));
  for (const name of files) {
    const heading = new RegExp(
      `^# ${name.slice(0, 4)}: .+\\n\\nStatus: (accepted|superseded by \\d{4})\\nDate: \\d{4}-\\d\\d-\\d\\d\\n`,
    );
    expect(textOf(`docs/adr/${name}`)).toMatch(heading);
  }
});

test("every file of the project that a page names exists", () => {
  const named = withMappings()
    .filter(page => page !== "CHANGELOG.md")
    .flatMap(page =>
      [...textOf(page).matchAll(/`((?:src|test|bench|docs)\/[\w./-]*[\w-])`/g)].map(match => ({
        page,
        file: match[1]!,
      })),
    );
  expect(named.length).toBeGreaterThan(20);
  expect(named.filter(({ file }) => !existsSync(path.join(root, file)))).toEqual([]);
});

test("the glossary has at most sixty words, each in one line", () => {
  const words = [...textOf("docs/glossary.md").matchAll(/^\| ([^|]+) \| [^|]+ \|$/gm)].map(match => match[1]!).slice(1);
  expect(words.length).toBeGreaterThan(20);
  expect(words.filter(word => !word.startsWith("-")).length).toBeLessThanOrEqual(60);
  expect(new Set(words).size).toBe(words.length);
});

function linksOf(text: string): string[] {
  const prose = text.replace(/^```[\s\S]*?^```/gm, "").replace(/`[^`\n]*`/g, "");
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(match => match[1]!);
}

function leadsSomewhere(page: string, link: string): boolean {
  const [file, anchor] = link.split("#") as [string, string | undefined];
  const target = file === "" ? page : path.join(path.dirname(page), file);
  const full = path.join(root, target);
  if (!existsSync(full)) return false;
  return anchor === undefined || (statSync(full).isFile() && anchorsOf(textOf(target)).includes(anchor));
}

/** As code hosts make them of headings. */
function anchorsOf(text: string): string[] {
  return [...text.replace(/^```[\s\S]*?^```/gm, "").matchAll(/^#+ (.+)$/gm)].map(match =>
    match[1]!
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, "")
      .trim()
      .replace(/\s/g, "-"),
  );
}
