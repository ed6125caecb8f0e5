import { setTimeout as pause } from "node:timers/promises";
import { isUnavailable } from "../../database/unavailable.ts";
import { publicId } from "../../domain/ids.ts";
import { claimImport, failImport, type ImportClaim, postponeImport, shardsWithImports } from "./claim-store.ts";
import { type ImportDeps, importStatement } from "./import-statement.ts";
import { UnreadableFile } from "./read/rows.ts";

export type StatementWorker = {
  /** A statement was uploaded. */
  wake(): void;
  /** Resolves once the import under way has stopped; another process, or the next start, goes on with it. */
  drain(): Promise<void>;
};

const scanEveryMs = 1_000;
const attemptsMax = 5;
const retryS = 20;

/** Imports uploaded statements, one at a time, so that payments are not kept waiting. */
export function startStatementWorker(deps: ImportDeps): StatementWorker {
  const stopping = new AbortController();
  let isAwake = true;
  let wake = () => {};

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      const isBusy = await importNext(deps, stopping.signal).catch(() => false);
      if (isBusy || isAwake) {
        isAwake = false;
        continue;
      }
      const woken = new AbortController();
      wake = () => woken.abort();
      const either = AbortSignal.any([woken.signal, stopping.signal]);
      await pause(scanEveryMs, undefined, { signal: either, ref: false }).catch(() => {});
    }
  }

  const running = run();
  return {
    wake() {
      isAwake = true;
      wake();
    },
    async drain() {
      stopping.abort();
      await running;
    },
  };
}

/** Imports what has been due for longest; false where nothing is due. */
async function importNext(deps: ImportDeps, signal: AbortSignal): Promise<boolean> {
  for (const shard of await shardsWithImports(deps.sql)) {
    const claim = await claimImport(deps.sql, shard);
    if (claim === null) continue;
    await importClaimed(deps, claim, signal);
    return true;
  }
  return false;
}

async function importClaimed(deps: ImportDeps, claim: ImportClaim, signal: AbortSignal): Promise<void> {
  const { sql, log, telemetry } = deps;
  const fields = {
    statement_id: publicId("statement", claim.id),
    connection_id: publicId("connection", claim.connectionId),
  };
  const startedMs = performance.now();
  const finished = (outcome: "imported" | "failed", hasGap: boolean) => {
    const ms = performance.now() - startedMs;
    const { id: statementId, shard, connectionId } = claim;
    telemetry.publish("statement.finished", () => ({ shard, connectionId, statementId, outcome, hasGap, ms }));
  };
  try {
    const outcome = await importStatement({ ...deps, settler: stoppable(deps.settler, signal) }, claim);
    if (outcome.kind === "lost") return;
    const { counts, addsUp } = outcome;
    log.info({ ...fields, counts, adds_up: addsUp }, "statement imported");
    const { new: unknown = 0, missing = 0, differs = 0 } = counts;
    finished("imported", unknown + missing + differs > 0 || addsUp === false);
  } catch (error) {
    if (signal.aborted) return await postponeImport(sql, claim, 0);
    if (!(error instanceof UnreadableFile) && (isUnavailable(error) || claim.attempts < attemptsMax)) {
      log.warn({ err: error, ...fields }, "import of a statement interrupted: it goes on in 20 s");
      return await postponeImport(sql, claim, retryS).catch(() => {});
    }
    const isFault = !(error instanceof UnreadableFile);
    const problem = isFault ? "the import failed unexpectedly; the log says why" : (error as Error).message;
    if (isFault) log.error({ err: error, ...fields }, "import of a statement failed");
    else log.info({ ...fields, problem }, "statement cannot be imported");
    if (await failImport(sql, claim, [problem])) finished("failed", false);
  }
}

/** Ends the import at the next line that settles, once the process stops. */
function stoppable(settler: ImportDeps["settler"], signal: AbortSignal): ImportDeps["settler"] {
  return {
    settle(shard, item) {
      signal.throwIfAborted();
      return settler.settle(shard, item);
    },
  };
}
