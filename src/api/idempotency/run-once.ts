import { createHash } from "node:crypto";
import { sealContext } from "../../database/seal-contexts.ts";
import { canonicalJson } from "../../providers/kit/canonical.ts";
import type { Caller } from "../caller.ts";
import type { ApiDeps } from "../deps.ts";
import { conflict, invalid } from "../problem.ts";
import type { ApiResponse } from "../response.ts";
import { claimKey, type KeyName, readKey, releaseKey, renewKey, storeResponse } from "./store.ts";

const keyCharsMax = 255;
const renewEveryMs = 10_000;
/** The holder may give its key back between our trying to take it and our looking at it; then we try again. */
const triesMax = 3;

/**
 * Runs a POST once for each `Idempotency-Key`: whoever sends the same again gets the first answer, sealed until then for the
 * secrets in it. Refusals of the input, 429 and 5xx are not kept: nothing was done, so the next try is a first one.
 */
export async function runOnce(
  request: { key: string; caller: Caller; method: string; path: string; body: object },
  deps: ApiDeps,
  run: () => Promise<ApiResponse>,
): Promise<ApiResponse> {
  if (!new RegExp(`^[\\x21-\\x7e]{1,${keyCharsMax}}$`).test(request.key)) return wrongKey();
  const name = nameOf(request.caller, request.key);
  const fingerprint = fingerprintOf(request);
  for (let tries = 0; tries < triesMax; tries += 1) {
    const held = await claimKey(deps.db, name, fingerprint);
    if (held !== null) return hold(name, held, deps, run);
    const kept = await readKey(deps.db, name);
    if (kept === null) continue;
    if (!kept.fingerprint.equals(fingerprint)) return anotherBody();
    if (kept.answer === null) return stillRunning(kept.waitS);
    return replay(JSON.parse(deps.box.open(kept.answer, contextOf(name))) as ApiResponse);
  }
  return stillRunning(1);
}

/** Runs while holding the key, then keeps the answer or gives the key back. */
async function hold(name: KeyName, first: Date, deps: ApiDeps, run: () => Promise<ApiResponse>): Promise<ApiResponse> {
  let held: Date | null = first;
  let renewing: Promise<void> = Promise.resolve();
  const timer = setInterval(() => {
    renewing = (async () => {
      if (held !== null) held = await renewKey(deps.db, name, held);
    })().catch(() => {});
  }, renewEveryMs);
  let answer: ApiResponse | null = null;
  try {
    answer = await run();
    return answer;
  } finally {
    clearInterval(timer);
    await renewing;
    if (held !== null) await settle(name, held, deps, answer);
  }
}

async function settle(name: KeyName, held: Date, deps: ApiDeps, answer: ApiResponse | null): Promise<void> {
  if (answer === null || !isKept(answer)) return releaseKey(deps.db, name, held);
  return storeResponse(deps.db, name, held, answer.status, deps.box.seal(JSON.stringify(answer), contextOf(name)));
}

function isKept(answer: ApiResponse): boolean {
  return answer.kind !== "bytes" && answer.status !== 422 && answer.status !== 429 && answer.status < 500;
}

/** The answer again, marked as such. */
function replay(answer: ApiResponse): ApiResponse {
  return answer.kind === "empty"
    ? answer
    : { ...answer, headers: { ...answer.headers, "idempotent-replayed": "true" } };
}

function nameOf(caller: Caller, key: string): KeyName {
  return caller.kind === "admin"
    ? { shard: 0, scope: "admin", key }
    : { shard: caller.shard, scope: caller.keyId, key };
}

function contextOf(name: KeyName): string {
  return sealContext.idempotentAnswer(name.scope, name.key);
}

/** Of what the body says: whoever sends it again may write its fields in another order. */
function fingerprintOf({ method, path, body }: { method: string; path: string; body: object }): Buffer {
  const said = canonicalJson(body);
  if (said === null) throw new Error("a body nested this deep is refused before it gets here");
  return createHash("sha256").update(`${method} ${path}\n${said}`).digest();
}

function wrongKey(): ApiResponse {
  return invalid([{ path: "Idempotency-Key", message: `must be 1 to ${keyCharsMax} visible ASCII characters` }]);
}

function anotherBody(): ApiResponse {
  const message = "was used for another request: send the same path and body again, or take a new key";
  return invalid([{ path: "Idempotency-Key", message }]);
}

function stillRunning(waitS: number): ApiResponse {
  const detail = "The first request with this Idempotency-Key is still running: send it again in a moment.";
  return { ...conflict(detail), headers: { "retry-after": String(Math.min(waitS, 5)) } };
}
