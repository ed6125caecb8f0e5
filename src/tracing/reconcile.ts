import { SpanKind } from "@opentelemetry/api";
import { publicId } from "../domain/ids.ts";
import type { TelemetryEvents } from "../telemetry/events.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";
import { peerOf } from "./http.ts";
import type { Spans } from "./spans.ts";

type Poll = TelemetryEvents["poll.finished"];
type Pull = TelemetryEvents["pull.finished"];

const failures: ReadonlySet<Poll["outcome"]> = new Set(["unavailable", "refused", "credentials-refused", "stopped"]);

/** Spans of status calls, pulls of statements and passes. */
export function reconcileSpans(telemetry: Telemetry, spans: Spans): void {
  telemetry.subscribe("poll.finished", poll => {
    spans.write({
      name: `ask ${poll.provider}`,
      kind: SpanKind.CLIENT,
      parent: null,
      facts: {
        ...accountFacts(poll),
        "hakika.kind": poll.kind,
        "hakika.transaction_id": publicId("transaction", poll.transactionId),
        "hakika.outcome": poll.outcome,
      },
      errorType: failures.has(poll.outcome) ? poll.outcome : null,
      ms: poll.ms,
    });
  });
  telemetry.subscribe("pull.finished", pull => {
    spans.write({
      name: `pull ${pull.provider}`,
      kind: SpanKind.CLIENT,
      parent: null,
      facts: { ...accountFacts(pull), "hakika.outcome": pull.outcome, "hakika.rows": pull.rows },
      errorType: pull.outcome === "failed" ? pull.outcome : null,
      ms: pull.ms,
    });
  });
  telemetry.subscribe("pass.finished", ({ counts, ms }) => {
    const facts = Object.fromEntries(Object.entries(counts).map(([name, count]) => [`hakika.${name}`, count]));
    spans.write({ name: "reconcile", kind: SpanKind.INTERNAL, parent: null, facts, ms });
  });
}

function accountFacts({ provider, connectionId, url }: Pick<Poll | Pull, "provider" | "connectionId" | "url">) {
  return {
    "hakika.provider": provider,
    "hakika.connection_id": publicId("connection", connectionId),
    ...peerOf(url),
  };
}
