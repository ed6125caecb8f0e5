import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";
import { parse, parseAllDocuments } from "yaml";
import { root } from "../architecture/sources.ts";

/** YAML and JSON of any shape. */
// biome-ignore lint/suspicious/noExplicitAny: tests look into it.
export type Loaded = any;

export const deployed = (name: string) => path.join(root, "deploy", name);
export const textOf = (name: string) => readFileSync(deployed(name), "utf8");
export const yamlOf = (name: string): Loaded => parse(textOf(name), { merge: true });
export const documentsOf = (name: string): Loaded[] =>
  parseAllDocuments(textOf(name), { merge: true }).map(document => document.toJS());

/** Whether a program is installed here. */
export const isHere = (program: string, ...args: string[]) => spawnSync(program, args).error === undefined;

/** Runs a checking program; its words where it is not content. */
export function complaintsOf(program: string, ...args: string[]): string {
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: "utf8" });
  return status === 0 ? "" : `${stdout}${stderr}`;
}
