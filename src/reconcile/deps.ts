import type { Directory } from "../connections/directory.ts";
import type { Settler } from "../settle/settler.ts";
import type { CallDeps } from "./calls/call-deps.ts";

/** What reconciling needs. */
export type ReconcileDeps = CallDeps & {
  directory: Pick<Directory, "byId">;
  settler: Settler;
};
