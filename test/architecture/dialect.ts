import { localTables } from "../../src/database/cluster/distribute.ts";
import type { Statement } from "./statements.ts";

/** The parts of PostgreSQL's parse tree that the rules read. */
type Node = { [key: string]: unknown };
type Query = { kind: string; node: Node; ctes: Query[]; names: Set<string> };

const changing = new Set(["InsertStmt", "UpdateStmt", "DeleteStmt"]);
const stable = new Set(["now", "statement_timestamp", "transaction_timestamp", "timezone"]);
const volatile = new Set(["clock_timestamp", "gen_random_uuid", "random", "uuidv7", "uuidv4", "nextval"]);

/** What a statement breaks of the dialect that PostgreSQL and a cluster both take, in words; empty where nothing. */
export function broken(tree: Node, statement: Statement): string[] {
  const top = queryOf((tree.stmts as Node[])[0]!.stmt as Node, new Set());
  const queries = withCtes(top);
  const found = [
    ...queries.flatMap(query => brokenByClauses(query)),
    ...brokenSelects(tree),
    ...insertBesideOthers(top, queries),
    ...shardsNotNamed(queries, statement),
    ...countedInsert(top, statement),
  ];
  return [...new Set(found)];
}

/** The tables of merchants' data that a statement reads or changes without naming their shard. */
export function tablesOverShards(tree: Node, statement: Statement): string[] {
  const top = queryOf((tree.stmts as Node[])[0]!.stmt as Node, new Set());
  return selectsOf(top).flatMap(level => unnamedTables(level, statement));
}

function queryOf(statement: Node, outer: Set<string>): Query {
  const kind = Object.keys(statement)[0]!;
  const node = statement[kind] as Node;
  const listed = ((node.withClause as Node | undefined)?.ctes ?? []) as { CommonTableExpr: Node }[];
  const names = new Set([...outer, ...listed.map(({ CommonTableExpr: cte }) => String(cte.ctename))]);
  return { kind, node, names, ctes: listed.map(cte => queryOf(cte.CommonTableExpr.ctequery as Node, names)) };
}

function withCtes(query: Query): Query[] {
  return [...query.ctes.flatMap(withCtes), query];
}

function brokenByClauses({ kind, node }: Query): string[] {
  if (!changing.has(kind) || isLocal(node.relation as Node)) return [];
  const found: string[] = [];
  const conflict = node.onConflictClause as Node | undefined;
  if (conflict !== undefined) {
    const set = [conflict.targetList, conflict.whereClause];
    if (calls(set, stable, volatile))
      found.push("a clock or a volatile function in `do update`: take it from `excluded`");
    if (shiftsTime(set, true))
      found.push("a time moved by an interval in `do update`: compare the difference of two times");
    if (isSelected(node) && find(set, "ParamRef").length > 0) {
      found.push("a parameter in `do update` of an `insert ... select`: send it as a column, or write it out");
    }
  }
  if (calls(node.returningClause, stable, volatile)) found.push("a clock or a volatile function in `returning`");
  if (kind === "InsertStmt") return found;
  const own = [node.targetList, node.whereClause];
  if (calls(own, volatile)) found.push("a volatile function in a change: make its value in a `with` before");
  if (shiftsTime(own, false))
    found.push("a time and an interval added with a column in a change: add them in a `with` before");
  for (const branch of [...find(own, "CaseExpr"), ...find(own, "CoalesceExpr")]) {
    if (calls(branch, stable, volatile))
      found.push("a clock in `case` or `coalesce` of a change: take it from a column");
    if (branch.arg !== undefined) found.push("`case x when` in a change: write `case when x =`");
  }
  return found;
}

function brokenSelects(tree: Node): string[] {
  return find(tree, "SelectStmt", true)
    .filter(select => select.op === "SETOP_NONE" && select.targetList === undefined && select.valuesLists === undefined)
    .map(() => "`select from` without a column: write `select 1 from`");
}

function insertBesideOthers(top: Query, queries: Query[]): string[] {
  const changes = queries.filter(({ kind }) => changing.has(kind));
  const inner = changes.filter(query => query !== top && query.kind === "InsertStmt");
  return inner.length > 0 && changes.length > 1
    ? ["an insert in `with` beside another change: a statement of its own"]
    : [];
}

/** Where rows are changed or locked, every table of that level names its shard by a constant. */
function shardsNotNamed(queries: Query[], statement: Statement): string[] {
  return queries
    .flatMap(selectsOf)
    .filter(({ kind, node }) => (changing.has(kind) && kind !== "InsertStmt") || node.lockingClause !== undefined)
    .flatMap(level => unnamedTables(level, statement).filter(() => !isOverAll(level)))
    .map(table => `${table} is changed or locked without \`shard = \${shard}\``);
}

/** A change of rows of every shard says so: it names them all, and locks none before. */
function isOverAll({ node }: Query): boolean {
  return (
    node.lockingClause === undefined && find(node.whereClause, "FuncCall").some(call => nameOf(call) === "everyshard")
  );
}

function countedInsert(top: Query, { after }: Statement): string[] {
  const isCounted =
    /^(?:;|\)|\s)*\n?\s*(?:if \(|return )\w+\.count\b/.test(after) || /^[^`]{0,300}\b\w+\.count\b/.test(after);
  const { kind, node } = top;
  const trusts = kind === "InsertStmt" && node.onConflictClause !== undefined && node.returningClause === undefined;
  return trusts && isCounted ? ["the row count of an insert that may conflict: count what `returning` gives"] : [];
}

/** The query and the selects in it that are no `with`, each with its own tables. */
function selectsOf(query: Query): Query[] {
  const inner = find(query.node, "SelectStmt", true, "withClause").map(node => ({
    kind: "SelectStmt",
    node,
    ctes: [],
    names: query.names,
  }));
  return [query, ...inner.filter(({ node }) => node !== query.node), ...query.ctes.flatMap(selectsOf)];
}

function unnamedTables({ kind, node, names }: Query, { params }: Statement): string[] {
  const level = kind === "InsertStmt" ? {} : { ...node, withClause: undefined, larg: undefined, rarg: undefined };
  const tables = find(level, "RangeVar", false, "SelectStmt").filter(
    table => !names.has(String(table.relname)) && !isLocal(table) && !/^(?:pg_|__drizzle)/.test(String(table.relname)),
  );
  const equal = find(level, "A_Expr", false, "SelectStmt").filter(
    ({ name, kind: how }) => how === "AEXPR_OP" && JSON.stringify(name).includes('"="'),
  );
  const named = equal.flatMap(({ lexpr, rexpr }) => {
    const column = columnOf(lexpr as Node);
    const param = ((rexpr as Node).ParamRef ?? ((rexpr as Node).TypeCast as Node | undefined)?.arg) as Node | undefined;
    const number = Number((param?.ParamRef as Node | undefined)?.number ?? param?.number);
    return column?.at(-1) === "shard" && /shard/i.test(params[number - 1] ?? "") ? [column.at(-2) ?? ""] : [];
  });
  return tables
    .filter(({ relname, alias }) => {
      const own = String((alias as Node | undefined)?.aliasname ?? relname);
      return !named.includes(own) && !(named.includes("") && tables.length === 1);
    })
    .map(({ relname }) => String(relname));
}

function isLocal(table: Node): boolean {
  return localTables.includes(String(table.relname));
}

function columnOf(node: Node): string[] | null {
  const column = node?.ColumnRef as { fields: { String?: { sval: string } }[] } | undefined;
  return column ? column.fields.map(field => field.String?.sval ?? "*") : null;
}

function isSelected(node: Node): boolean {
  const select = (node.selectStmt as Node | undefined)?.SelectStmt as Node | undefined;
  return select?.targetList !== undefined;
}

/** Whether a time is moved by an interval; unless `always`, only the time of a column counts. */
function shiftsTime(from: unknown, always: boolean): boolean {
  return find(from, "A_Expr", false, "SubLink").some(({ name, lexpr, rexpr }) => {
    if (!/"[+-]"/.test(JSON.stringify(name)) || !isInterval(rexpr as Node)) return false;
    return always || find([lexpr, rexpr], "ColumnRef").length > 0;
  });
}

function isInterval(node: Node): boolean {
  const cast = node?.TypeCast as Node | undefined;
  if (cast && JSON.stringify(cast.typeName).includes('"interval"')) return true;
  const call = node?.FuncCall as Node | undefined;
  if (call && nameOf(call) === "make_interval") return true;
  const product = node?.A_Expr as Node | undefined;
  return product !== undefined && (isInterval(product.lexpr as Node) || isInterval(product.rexpr as Node));
}

function calls(from: unknown, ...sets: Set<string>[]): boolean {
  if (sets.includes(stable) && find(from, "SQLValueFunction").length > 0) return true;
  return find(from, "FuncCall", false, "SelectStmt").some(call => sets.some(set => set.has(nameOf(call))));
}

function nameOf(call: Node): string {
  return (call.funcname as { String: { sval: string } }[]).at(-1)!.String.sval;
}

/** All nodes of a type, also below others of it; `raw` those that stand without their type's name too. */
function find(from: unknown, type: string, raw = false, except?: string): Node[] {
  if (Array.isArray(from)) return from.flatMap(each => find(each, type, raw, except));
  if (from === null || typeof from !== "object") return [];
  return Object.entries(from).flatMap(([key, value]) => {
    if (key === except) return [];
    const isArm = raw && (key === "larg" || key === "rarg") && (value as Node).op !== undefined;
    const isOne = key === type || isArm || (type === "RangeVar" && key === "relation");
    return [...(isOne && value !== undefined ? [value as Node] : []), ...find(value, type, raw, except)];
  });
}
