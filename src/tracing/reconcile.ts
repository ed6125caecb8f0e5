import { SpanKind } from "@opentelemetry/api";
import { publicId } from "../domain/ids.ts";
import type { ProviderAccount } from "../reconcile/calls/provider-account.ts";
import type { ReconcileDeps } from "../reconcile/deps.ts";
import type { PollOutcome } from "../reconcile/poll/poll-result.ts";
import { peerOf } from "./http.ts";
import type { Spans } from "./spans.ts";

type ReconcileSpans = Required<Pick<ReconcileDeps, "onAsked" | "onPulled" | "onPassed">>;

const failed: ReadonlySet<PollOutcome> = new Set(["unavailable", "credentials-refused", "stopped"]);

/** Questions to providers, pulls of their statements, and passes. */
export function reconcileSpans(spans: Spans): ReconcileSpans {
  return {
    onAsked(provider, word, ms, asker, { id, kind }) {
      spans.write({
        name: `ask ${provider}`,
        kind: SpanKind.CLIENT,
        parent: null,
        facts: {
          ...factsOf(asker),
          "hakika.kind": kind,
          "hakika.transaction_id": publicId("transaction", id),
          "hakika.outcome": word,
        },
        errorType: failed.has(word) ? word : null,
        ms,
      });
    },
    onPulled(asker, outcome, rows, ms) {
      spans.write({
        name: `pull ${asker.provider.id}`,
        kind: SpanKind.CLIENT,
        parent: null,
        facts: { ...factsOf(asker), "hakika.outcome": outcome, "hakika.rows": rows },
        errorType: outcome === "trouble" ? outcome : null,
        ms,
      });
    },
    onPassed(tally, ms) {
      const counts = Object.entries(tally).map(([name, count]) => [`hakika.${name}`, count]);
      spans.write({
        name: "reconcile",
        kind: SpanKind.INTERNAL,
        parent: null,
        facts: Object.fromEntries(counts),
        ms,
      });
    },
  };
}

function factsOf({ connection, provider }: ProviderAccount) {
  return {
    "hakika.provider": provider.id,
    "hakika.connection_id": publicId("connection", connection.id),
    ...peerOf(connection.baseUrl ?? provider.baseUrls[connection.environment]),
  };
}
