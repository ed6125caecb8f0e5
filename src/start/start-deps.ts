import type { CallDeps } from "../reconcile/calls/call-deps.ts";
import type { Settler } from "../settle/settler.ts";

/** What starting transactions works with. */
export type StartDeps = CallDeps & { settler: Settler };
