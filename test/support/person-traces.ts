import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import type { Sql } from "../../src/database/connect.ts";

/** Every value of every column of every table, as PostgreSQL's text. */
export async function dump(sql: Sql): Promise<string> {
  const tables = await sql<{ name: string }[]>`
    select quote_ident(relname) as name from pg_class
    where relkind in ('r', 'p') and relnamespace = 'public'::regnamespace and not relispartition`;
  const rows = await Promise.all(tables.map(({ name }) => sql.unsafe(`select t::text as text from ${name} t`)));
  return rows.flatMap(each => each.map(({ text }) => text as string)).join("\n");
}

/** The bytes of every file below a folder, as text. */
export function filesBelow(folder: string): string {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter(each => each.isFile()).map(each => path.join(each.parentPath, each.name));
  return files.map(file => readFileSync(file, "latin1")).join("\n");
}

/**
 * The forms in which a person may lie somewhere: texts plain, in hex and in base64 (at each of the three positions
 * within other text), and the number's SHA-256 without a key, of each way to write it.
 */
export function tracesOf({ phone, names }: { phone: string; names: string[] }): string[] {
  const digits = phone.slice(1);
  const national = digits.slice(3);
  const texts = [national, ...names.flatMap(name => [name, name.toLowerCase()])];
  const hashed = [digits, phone, `0${national}`, national].flatMap(text => {
    const sha256 = createHash("sha256").update(text).digest();
    return [sha256.toString("hex"), sha256.toString("base64")];
  });
  return [...texts.flatMap(text => [text, Buffer.from(text).toString("hex"), ...base64Inside(text)]), ...hashed];
}

/** What base64 of a text has of a piece of it, wherever the piece begins. */
function base64Inside(piece: string): string[] {
  return [0, 1, 2].map(before => {
    const whole = Buffer.from(`${"\0".repeat(before)}${piece}`)
      .toString("base64")
      .replace(/=*$/, "");
    // The first and the last signs also hold bits of the neighbours.
    return whole.slice(before === 0 ? 0 : before + 1, -2);
  });
}
