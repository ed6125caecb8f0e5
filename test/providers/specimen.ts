import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Finding } from "../../src/domain/evidence.ts";
import { formatMoney } from "../../src/domain/money.ts";
import type { DecisionReading, UssdInput, Validation } from "../../src/providers/decision.ts";
import type { CallbackMethod, Reading } from "../../src/providers/provider.ts";

/** A finding as a specimen spells it: snake case, amounts and times as text, nothing that is not there. */
type ExpectedFinding = Record<string, unknown> & { kind: string; says: string };

/** What a specimen's body should be read as. Problems are named by path only: their wording may improve. */
export type ExpectedReading =
  | { kind: "evidence"; findings: ExpectedFinding[] }
  | { kind: "changed"; findings: ExpectedFinding[] }
  | { kind: "message"; messages: { type: string; payload: unknown }[] }
  | { kind: "ignored" }
  | { kind: "unreadable"; problems: string[] };

/** What a synchronous channel is asked, in snake case; or the paths of what is wrong. */
export type ExpectedQuestion = Record<string, unknown> | { problems: string[] };

/**
 * The same callback with some values changed, so that a table of codes needs one file. Paths are dotted:
 * `Body.items.0.Name`.
 */
type Variant = {
  name: string;
  news?: string;
  set?: Record<string, unknown>;
  unset?: string[];
  /** Merged into the first expected finding; null takes a field away. */
  finding?: Record<string, unknown>;
  /** In place of the whole expected reading. */
  reading?: ExpectedReading;
  /** Merged into the expected question, or `problems` in its place. */
  question?: ExpectedQuestion;
  answer?: Specimen["answer"];
};

/** One callback as a provider sends it (invented), and everything Hakika should make of it. */
export type Specimen = {
  /** The file's name, and the variant's. */
  name: string;
  channel: string;
  method: CallbackMethod;
  /** Of the URL. */
  query: Record<string, string>;
  headers: Record<string, string>;
  contentType: string;
  /** Text is sent as it is; an object as JSON. A GET has none. */
  body: unknown;
  /**
   * Specimens that tell the same news share a key; specimens with other news never do. A variant without one is not
   * compared.
   */
  news: string | null;
  reading: ExpectedReading;
  /** Of a synchronous channel's specimen; its `answer` is the one without a decision. */
  question?: ExpectedQuestion;
  answer: { status: number; content_type: string; body: unknown };
};

type SpecimenFile = Omit<Specimen, "name" | "method" | "query" | "headers" | "contentType" | "news"> & {
  method?: CallbackMethod;
  query?: Record<string, string>;
  headers?: Record<string, string>;
  content_type?: string;
  news?: string;
  variants?: Variant[];
};

/** Every specimen of `test/providers/<folder>/specimens/*.json`, variants included. */
export function loadSpecimens(provider: string): Specimen[] {
  const folder = join(import.meta.dirname, provider, "specimens");
  const names = readdirSync(folder).filter(name => name.endsWith(".json"));
  return names.sort().flatMap(name => {
    const file = JSON.parse(readFileSync(join(folder, name), "utf8")) as SpecimenFile;
    return expand(name.replace(/\.json$/, ""), file);
  });
}

export function bytesOf(body: unknown): Uint8Array {
  if (body === undefined) return new Uint8Array();
  return new TextEncoder().encode(typeof body === "string" ? body : JSON.stringify(body));
}

/** A reading as specimens spell it. */
export function spell(reading: Reading): ExpectedReading {
  switch (reading.kind) {
    case "evidence":
    case "changed":
      return { kind: reading.kind, findings: reading.findings.map(spellFinding) };
    case "message":
      return reading;
    case "ignored":
      return { kind: "ignored" };
    case "unreadable":
      return { kind: "unreadable", problems: reading.problems.map(problem => problem.path) };
  }
}

/** A question as specimens spell it. */
export function spellQuestion(decision: DecisionReading<Validation> | DecisionReading<UssdInput>): ExpectedQuestion {
  if (decision.kind === "unreadable") return { problems: decision.problems.map(problem => problem.path) };
  if ("sessionId" in decision.question) {
    const { sessionId, serviceCode, networkCode, phone, text } = decision.question;
    return { session_id: sessionId, phone, service_code: serviceCode, network_code: networkCode, text };
  }
  const { amount, partyName, occurredAt, ...rest } = decision.question;
  return {
    ...rest,
    amount: formatMoney(amount),
    currency: amount.currency,
    party_name: partyName,
    occurred_at: occurredAt?.toISOString() ?? null,
  };
}

function spellFinding(finding: Finding): ExpectedFinding {
  const { amount, balance, partyName, occurredAt, answersQuestion, tryId, ...rest } = finding;
  return {
    ...rest,
    ...(amount && { amount: formatMoney(amount), currency: amount.currency }),
    ...(balance && { balance: formatMoney(balance) }),
    ...(partyName !== undefined && { party_name: partyName }),
    ...(occurredAt && { occurred_at: occurredAt.toISOString() }),
    ...(answersQuestion !== undefined && { answers_question: answersQuestion }),
    ...(tryId !== undefined && { try_id: tryId }),
  };
}

function expand(name: string, file: SpecimenFile): Specimen[] {
  const { channel, body, reading, answer } = file;
  const { question } = file;
  const { method = "POST", query = {}, headers = {}, content_type: contentType = "application/json" } = file;
  const base = {
    name,
    channel,
    method,
    query,
    headers,
    contentType,
    body,
    reading,
    answer,
    ...(question && { question }),
  };
  const variants = (file.variants ?? []).map(variant => ({
    ...base,
    name: `${name}: ${variant.name}`,
    ...(method === "GET"
      ? { query: changed(query, variant) as Record<string, string> }
      : { body: changed(body, variant) }),
    news: variant.news ?? null,
    reading: variant.reading ?? withFinding(reading, variant.finding ?? {}),
    answer: variant.answer ?? answer,
    ...(question && { question: withChanges(question, variant.question ?? {}) }),
  }));
  return [{ ...base, news: file.news ?? name }, ...variants];
}

function changed(body: unknown, { set = {}, unset = [] }: Variant): unknown {
  if (typeof body === "string") {
    if (Object.keys(set).length + unset.length === 0) return body;
    const form = new URLSearchParams(body);
    for (const [key, value] of Object.entries(set)) form.set(key, String(value));
    for (const key of unset) form.delete(key);
    return form.toString();
  }
  const copy = structuredClone(body);
  for (const [path, value] of Object.entries(set))
    inner(copy, path, (owner, key) => Object.assign(owner, { [key]: value }));
  for (const path of unset)
    inner(copy, path, (owner, key) => (Array.isArray(owner) ? owner.splice(Number(key), 1) : delete owner[key]));
  return copy;
}

function inner(body: unknown, path: string, change: (owner: Record<string, unknown>, key: string) => void): void {
  const keys = path.split(".");
  const last = keys.pop()!;
  const owner = keys.reduce((value, key) => (value as Record<string, unknown>)[key], body);
  if (typeof owner !== "object" || owner === null) throw new Error(`no such path in the specimen: ${path}`);
  change(owner as Record<string, unknown>, last);
}

function withChanges(question: ExpectedQuestion, changes: ExpectedQuestion): ExpectedQuestion {
  return "problems" in changes ? changes : { ...question, ...changes };
}

function withFinding(reading: ExpectedReading, changes: Record<string, unknown>): ExpectedReading {
  if ((reading.kind !== "evidence" && reading.kind !== "changed") || Object.keys(changes).length === 0) return reading;
  const [first, ...rest] = reading.findings;
  const merged = Object.entries({ ...first, ...changes }).filter(([, value]) => value !== null);
  return { kind: reading.kind, findings: [Object.fromEntries(merged) as ExpectedFinding, ...rest] };
}
