import { createHash } from "node:crypto";
import { sealContext } from "../../database/seal-contexts.ts";
import { canonicalJson } from "../../domain/json.ts";
import { operatorShard } from "../auth/api-key.ts";
import type { Caller } from "../caller.ts";
import type { ApiDeps } from "../deps.ts";
import { conflict, invalid, type ProblemDetails } from "../problem.ts";
import type { ApiResponse } from "../response.ts";
import { claimKey, type KeyName, readKey, releaseKey, renewKey, storeResponse } from "./store.ts";

const keyCharsMax = 255;
const renewEveryMs = 10_000;
/** The holder may release the key between the attempt to lock it and the look at it. Then the attempt is repeated. */
const triesMax = 3;

/**
 * Runs a POST once for each `Idempotency-Key`. The same request sent again gets the first response, which is stored
 * sealed, for it may contain secrets. 422, 429 and 5xx are not stored: they changed nothing, so the request may be
 * tried again.
 */
export async function runOnce(
  request: { key: string; caller: Caller; method: string; path: string; body: object },
  deps: ApiDeps,
  run: () => Promise<ApiResponse>,
): Promise<ApiResponse> {
  const problem = keyProblem(request.key);
  if (problem !== null) return problem;
  const name = nameOf(request.caller, request.key);
  const fingerprint = fingerprintOf(request);
  for (let tries = 0; tries < triesMax; tries += 1) {
    const lockedUntil = await claimKey(deps.db, name, fingerprint);
    if (lockedUntil !== null) return runLocked(name, lockedUntil, deps, run);
    const stored = await readKey(deps.db, name);
    if (stored === null) continue;
    if (!stored.fingerprint.equals(fingerprint)) return otherRequest();
    if (stored.answer === null) return stillRunning(stored.waitS);
    const response: ApiResponse = JSON.parse(deps.box.open(stored.answer, contextOf(name)));
    // What waited for a second person may have happened: the handler meets its own approval again.
    if (isWaiting(response)) return run();
    return marked(response);
  }
  return stillRunning(1);
}

/** Runs the request under the key's lock, then stores the response or releases the key. */
async function runLocked(
  name: KeyName,
  lockedUntil: Date,
  deps: ApiDeps,
  run: () => Promise<ApiResponse>,
): Promise<ApiResponse> {
  let lock: Date | null = lockedUntil;
  let renewing: Promise<void> = Promise.resolve();
  const timer = setInterval(() => {
    renewing = (async () => {
      if (lock !== null) lock = await renewKey(deps.db, name, lock);
    })().catch(() => {});
  }, renewEveryMs);
  let response: ApiResponse | null = null;
  try {
    response = await run();
    return response;
  } finally {
    clearInterval(timer);
    await renewing;
    if (lock !== null) await finish(name, lock, deps, response);
  }
}

async function finish(name: KeyName, lock: Date, deps: ApiDeps, response: ApiResponse | null): Promise<void> {
  if (response === null || !isStored(response)) return releaseKey(deps.db, name, lock);
  const sealed = deps.box.seal(JSON.stringify(response), contextOf(name));
  return storeResponse(deps.db, name, lock, response.status, sealed);
}

function isStored(response: ApiResponse): boolean {
  return response.kind !== "bytes" && response.status !== 422 && response.status !== 429 && response.status < 500;
}

function isWaiting(response: ApiResponse): boolean {
  return response.kind === "json" && response.status === 202 && Object.hasOwn(response.body, "approval");
}

/** A stored response, with the header that says so. */
function marked(response: ApiResponse): ApiResponse {
  return response.kind === "empty"
    ? response
    : { ...response, headers: { ...response.headers, "idempotent-replayed": "true" } };
}

function nameOf(caller: Caller, key: string): KeyName {
  if (caller.kind === "merchant") return { shard: caller.shard, scope: caller.keyId, key };
  return { shard: operatorShard, scope: caller.kind === "admin" ? "admin" : caller.operatorId, key };
}

function contextOf(name: KeyName): string {
  return sealContext.idempotentAnswer(name.scope, name.key);
}

/** A digest of the request. The order of the body's fields does not matter. */
function fingerprintOf({ method, path, body }: { method: string; path: string; body: object }): Buffer {
  const text = canonicalJson(body);
  if (text === null) throw new Error("readBody refuses bodies that nest so deep");
  return createHash("sha256").update(`${method} ${path}\n${text}`).digest();
}

/** 422 for a key that cannot be one. */
export function keyProblem(key: string): ProblemDetails | null {
  if (new RegExp(`^[\\x21-\\x7e]{1,${keyCharsMax}}$`).test(key)) return null;
  return invalid([{ path: "Idempotency-Key", message: `must be 1 to ${keyCharsMax} visible ASCII characters` }]);
}

function otherRequest(): ApiResponse {
  const message = "was used for another request: send the same path and body, or a new key";
  return invalid([{ path: "Idempotency-Key", message }]);
}

/** 409 while another call with the same key runs. */
export function stillRunning(waitS: number): ApiResponse {
  const detail = "The first request with this Idempotency-Key is still running. Send it again in a few seconds.";
  return { ...conflict(detail), headers: { "retry-after": String(Math.min(waitS, 5)) } };
}
