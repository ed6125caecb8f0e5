import { shardOf } from "../../domain/ids.ts";
import { actorOf, type Caller } from "../caller.ts";
import type { ApiDeps } from "../deps.ts";
import { cursorOf } from "../lists/cursor.ts";
import type { ListScope } from "../lists/scope.ts";
import { invalid } from "../problem.ts";
import { type ApiResponse, ok } from "../response.ts";
import { eventJson } from "./event-json.ts";
import { nextEvents } from "./feed.ts";
import { positionAt, positionOf } from "./feed-store.ts";
import { tooManyReaders } from "./stream.ts";

/** The longest wait, below the time-outs of common proxies. */
export const waitMaxS = 30;

export type Follow = {
  caller: Caller;
  scope: ListScope;
  query: {
    limit: number;
    cursor?: string | undefined;
    after?: string | undefined;
    wait_s?: number | undefined;
    type?: string | undefined;
    transaction_id?: string | undefined;
    created_after?: Date | undefined;
    created_before?: Date | undefined;
  };
  isAllowed(): Promise<boolean>;
};

/** Events oldest first, after the one that the query names; where there is none, after a wait. */
export async function followEvents(deps: ApiDeps, { caller, scope, query, isAllowed }: Follow): Promise<ApiResponse> {
  const { sql, readers } = deps;
  const { merchantId } = scope;
  const last = query.cursor ?? query.after;
  const after = last === undefined ? positionAt(new Date(0)) : await positionOf(sql, shardOf(last), last, merchantId);
  if (after === null) {
    const path = query.cursor === undefined ? "after" : "cursor";
    return invalid([{ path, message: "is not the id of an event that is here" }]);
  }
  const waitMs = (query.wait_s ?? 0) * 1000;
  if (waitMs > 0 && !readers.hasRoom(actorOf(caller))) return tooManyReaders();
  const leave = waitMs > 0 ? readers.enter(actorOf(caller)) : () => {};
  try {
    const page = await nextEvents(deps, {
      scope,
      filter: filterOf(scope, query),
      after,
      limit: query.limit,
      waitMs,
      isAllowed,
    });
    const rows = page?.rows ?? [];
    const cursor = page?.hasMore ? cursorOf(rows.at(-1)!.id) : null;
    return ok({ data: rows.map(row => eventJson(row, sql.vault)), next_cursor: cursor });
  } finally {
    leave();
  }
}

function filterOf({ merchantId }: ListScope, query: Follow["query"]) {
  const { type, transaction_id: transactionId, created_after: createdAfter, created_before: createdBefore } = query;
  return { merchantId, type, transactionId, createdAfter, createdBefore };
}
