import type { Says } from "../../domain/evidence.ts";
import { saysByWord, saysOfCode } from "./codes.ts";

type Verdict = { code: string | null; word: string | null };

/** What `details` say that ends a transaction; any other code or word does not. */
type Ending = Extract<Says, "completed" | "failed" | "refunded">;

/**
 * What a transaction check comes to: the outer verdict is the query's, the inner one the transaction's. Only what
 * `details` say can end a transaction, by a listed code or word. Where inner code and word, or outer and inner, say
 * opposite things, it is a contradiction, not a guess.
 */
export function saysOfCheck(outer: Verdict, inner: Verdict): Ending | "contradiction" | "not-yet" | "not-found" {
  const ending = endingOf(inner);
  if (ending === "contradiction") return ending;
  const query = ofQuery(outer);
  if (ending === null) return query === "not-found" ? "not-found" : "not-yet";
  if (query === "answered" || query === ending) return ending;
  // A payment that went through before it was given back.
  if (query === "completed" && ending === "refunded") return ending;
  // Outer 1100: on its way. The next answer will agree with itself.
  return query === "unknown" ? "not-yet" : "contradiction";
}

/** Code and word have to agree, and a code that is not listed ends nothing whatever stands beside it. */
function endingOf({ code, word }: Verdict): Ending | "contradiction" | null {
  const byWord = word === null ? null : listed(saysByWord, word.toLowerCase());
  if (code === null || code === "200") return final(byWord);
  const byCode = saysOfCode(code);
  if (byCode === null) return null;
  if (byWord === null || byWord === byCode) return final(byCode);
  const either = [byCode, byWord];
  return either.includes("pending") || either.includes("nothing") ? null : "contradiction";
}

/** The outer verdict: `200`, a word of success and none at all are an answer; `0000` is one that leans to success. */
function ofQuery({ code, word }: Verdict): "answered" | "not-found" | "unknown" | Ending {
  if (code === null) {
    const says = word === null ? "completed" : listed(saysByWord, word.toLowerCase());
    return says === "completed" ? "answered" : (final(says) ?? "unknown");
  }
  if (code === "200") return "answered";
  if (code === "7001") return "not-found";
  return final(saysOfCode(code)) ?? "unknown";
}

function final(says: Says | null): Ending | null {
  return says === "completed" || says === "failed" || says === "refunded" ? says : null;
}

function listed(table: Readonly<Record<string, Says>>, entry: string): Says | null {
  return Object.hasOwn(table, entry) ? table[entry]! : null;
}
