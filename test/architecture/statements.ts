import type { Source } from "./sources.ts";

/**
 * A statement of a source as the server gets it: parameters are `$1`, `$2`…, fragments stand in their places. `where`
 * is the file and the function, `params` the expressions of the parameters, `after` the source that follows.
 */
export type Statement = { where: string; text: string; params: string[]; after: string };

type Template = { tag: string; start: number; end: number; parts: string[]; values: string[] };

const tagged = /\b(sql|tx|\w+Sql)(?:<(?:[^<>`]|<(?:[^<>`]|<[^<>`]*>)*>)*>)?`/g;
const beginning = /^\s*(?:--[^\n]*\n\s*)*(?:select|insert|update|delete|with)\b/i;
const clockOnly = /^\s*select [^`]*\b(?:now|clock_timestamp)\(\)[^`]* as "?now/i;

/** The hand-written statements of a source. */
export function statementsOf(source: Source): Statement[] {
  const templates = templatesOf(source.text);
  const fragments = fragmentsOf(source.text, templates);
  return templates
    .filter(({ parts }) => beginning.test(parts.join("?")) && !clockOnly.test(parts.join("?")))
    .filter(({ start }) => !isInside(templates, start))
    .map(template => {
      const params: string[] = [];
      const text = flatten(template, fragments, params);
      const where = `${source.file} ${functionAt(source.text, template.start)}`;
      return { where, text, params, after: source.text.slice(template.end, template.end + 900) };
    });
}

/** All tagged templates, outer ones before those inside them. */
export function templatesOf(text: string): Template[] {
  return [...text.matchAll(tagged)]
    .filter(match => !/^\s*(?:\*|\/\/)/.test(text.slice(text.lastIndexOf("\n", match.index) + 1)))
    .map(match => templateAt(text, match.index, match[1]!, match.index + match[0].length));
}

function templateAt(text: string, start: number, tag: string, from: number): Template {
  const parts: string[] = [];
  const values: string[] = [];
  let begun = from;
  for (let at = from; at < text.length; at += 1) {
    if (text[at] === "\\") at += 1;
    else if (text[at] === "`") {
      parts.push(text.slice(begun, at));
      return { tag, start, end: at + 1, parts, values };
    } else if (text.startsWith("${", at)) {
      const end = endOfValue(text, at + 2);
      parts.push(text.slice(begun, at));
      values.push(text.slice(at + 2, end));
      begun = end + 1;
      at = end;
    }
  }
  throw new Error(`a template without an end: ${text.slice(start, start + 80)}`);
}

/** The place of the brace that ends a value, past the templates, texts and braces inside it. */
function endOfValue(text: string, from: number): number {
  let depth = 0;
  for (let at = from; at < text.length; at += 1) {
    const char = text[at]!;
    if (char === "`") at = templateAt(text, at, "", at + 1).end - 1;
    else if (char === '"') at = text.indexOf('"', at + 1);
    else if (char === "{") depth += 1;
    else if (char === "}") {
      if (depth === 0) return at;
      depth -= 1;
    }
  }
  throw new Error(`a value without an end: ${text.slice(from, from + 80)}`);
}

/** The pieces of statements that a file gives names to, constants and functions; of several the longest. */
function fragmentsOf(text: string, templates: Template[]): Map<string, Template> {
  const named = new Map<string, Template>();
  const counts = new Map<string, number>();
  for (const template of templates) {
    if (isInside(templates, template.start)) continue;
    const before = text.slice(Math.max(0, template.start - 400), template.start);
    const [, constants] = /\bconst (\w+|\[[\w, ]+\])\s*=\s*[^;]*$/.exec(before) ?? [];
    const names =
      constants?.match(/\w+/g) ?? (isFragment(text, template.start) ? [functionAt(text, template.start)] : []);
    if (names.length === 0 || /await $/.test(before)) continue;
    const count = counts.get(constants ?? "") ?? 0;
    counts.set(constants ?? "", count + 1);
    const name = names[count % names.length]!;
    const known = named.get(name);
    if (!known || known.end - known.start < template.end - template.start) named.set(name, template);
  }
  return named;
}

/** Whether a template is returned, given a name or handed on, instead of being run. */
function isFragment(text: string, start: number): boolean {
  const before = text.slice(Math.max(0, start - 200), start);
  if (/\bawait $|=> $|Promise\.all\(\[[^;]*$/.test(before)) return false;
  return /(?:return|[=:?,(\]]|=> \()\s*$/.test(before) && !/=> $/.test(before);
}

function isInside(templates: Template[], start: number): boolean {
  return templates.some(other => other.start < start && start < other.end);
}

function flatten(template: Template, fragments: Map<string, Template>, params: string[]): string {
  let text = "";
  for (const [at, part] of template.parts.entries()) {
    text += part;
    const value = template.values[at];
    if (value !== undefined) text += flattenValue(value.trim(), text, fragments, params);
  }
  return text;
}

/** One value of a template: a fragment (of several the longest), a list of names, or a parameter. */
function flattenValue(value: string, before: string, fragments: Map<string, Template>, params: string[]): string {
  if (/^everyShard\(/.test(value)) return "everyShard()";
  if (/\.unsafe\(/.test(value)) {
    if (/\bset $/.test(before)) return "a = r.a";
    return /\(id uuid, $/.test(before) ? "a int" : "a";
  }
  if (/\bvalues $/.test(before)) return "(1)";
  const inner = templatesOf(value).sort((a, b) => b.end - b.start - (a.end - a.start))[0];
  if (inner) return flatten(inner, fragments, params);
  const named = fragments.get(/^(\w+)/.exec(value)?.[1] ?? "");
  if (named && !/^\w+\.\w+/.test(value)) return flatten(named, fragments, params);
  if (/^(?:sql|tx)\(/.test(value) || /\b(?:update|into|from|join|using) $/.test(before)) return "named_by_a_value";
  // A select that a caller hands in is a statement of its own in the caller's file.
  if (/from \($/.test(before)) return "select 1 as entry";
  params.push(value);
  return /\bin $/.test(before) ? `($${params.length})` : `$${params.length}`;
}

/** The function or the constant that a place of a source belongs to. */
function functionAt(text: string, start: number): string {
  const names = [...text.slice(0, start).matchAll(/^(?:export )?(?:async )?(?:function\*? |const )(\w+)/gm)];
  return names.at(-1)?.[1] ?? "";
}
