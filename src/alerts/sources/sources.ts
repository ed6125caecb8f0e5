import type { Queryable } from "../../database/connect.ts";
import type { AlertCause, AlertKind } from "../../domain/alerts.ts";
import { balanceGapCauses, lowBalanceCauses } from "./balance-store.ts";
import { endpointCauses } from "./endpoint-store.ts";
import { paceCauses } from "./pace-store.ts";
import { quarantineCauses, wrongReceiverCauses } from "./quarantine-store.ts";
import { reviewCauses } from "./review-store.ts";
import type { SourceScope } from "./scope.ts";
import { statementGapCauses } from "./statement-store.ts";

/** Finds out which of some subjects have a cause for an alert now. */
type Source = (tx: Queryable, scope: SourceScope, now: Date) => Promise<AlertCause[]>;

/** The kinds whose cause the database shows. The causes of the others are seen by a look of their own. */
const sources = {
  review: reviewCauses,
  quarantine: quarantineCauses,
  wrong_receiver: wrongReceiverCauses,
  endpoint_failing: endpointCauses,
  connection_paused: (tx, scope, now) => paceCauses(tx, "connection_paused", scope, now),
  credentials_refused: (tx, scope, now) => paceCauses(tx, "credentials_refused", scope, now),
  statement_gap: statementGapCauses,
  balance_gap: balanceGapCauses,
  low_balance: lowBalanceCauses,
} as const satisfies Partial<Record<AlertKind, Source>>;

export type SourcedKind = keyof typeof sources;
export const sourcedKinds = Object.keys(sources) as SourcedKind[];

export function causesOf(tx: Queryable, kind: SourcedKind, scope: SourceScope, now: Date): Promise<AlertCause[]> {
  return sources[kind](tx, scope, now);
}
