import type { AlertCause } from "../../domain/alerts.ts";
import type { Egress } from "../../egress/client.ts";
import type { EgressResult } from "../../egress/exchange.ts";
import { lockOpenOfKind } from "../open/alert-store.ts";
import { applyCauses } from "../open/sync-alerts.ts";
import { productionConnections, shardsWithOpen } from "./callback-url-store.ts";
import type { LookDeps } from "./look.ts";

const timeoutMs = 10_000;
/** No provider has this name, so the answer is known and nothing is kept. No token of a connection is sent. */
const probePath = "/in/hakika/probe/probe";
/** What receive/refusals.ts answers to an unknown URL. */
const ownAnswer = "There is no such callback URL";

/**
 * Asks this program through its own public URL, as a provider would, and opens an alert for each production connection
 * where something else answers, or nothing. A failure counts when the second try fails too.
 */
export async function lookAtCallbackUrl(
  deps: LookDeps & { egress: Pick<Egress, "send">; publicUrl: string },
  now: Date,
): Promise<void> {
  const { sql, wake } = deps;
  const connections = await productionConnections(sql);
  const isConcerned = connections.length > 0;
  const problem = isConcerned ? (await probe(deps)) && (await probe(deps)) : null;
  const shards = new Set([...connections.map(({ shard }) => shard), ...(await shardsWithOpen(sql, "callback_url"))]);
  for (const shard of shards) {
    const causes = connections
      .filter(connection => problem !== null && connection.shard === shard)
      .map(
        ({ id, merchantId }): AlertCause => ({
          subject: id,
          merchantId,
          connectionId: id,
          endpointId: null,
          channel: null,
          environment: "production",
          detail: `A call to HAKIKA_PUBLIC_URL does not reach this program: ${problem}.`,
        }),
      );
    const endpoints = (await sql.begin(async tx => {
      const open = await lockOpenOfKind(tx, shard, "callback_url");
      return applyCauses(tx, shard, "callback_url", open, causes, now);
    })) as string[];
    wake(shard, endpoints);
  }
}

/** Why the public URL does not lead here; null where it does. */
async function probe({ egress, publicUrl }: { egress: Pick<Egress, "send">; publicUrl: string }) {
  const url = publicUrl + probePath;
  const headers = { "content-type": "application/json" };
  return problemOf(await egress.send({ method: "POST", url, headers, body: "{}", timeoutMs }));
}

function problemOf(result: EgressResult): string | null {
  switch (result.kind) {
    case "answer":
      if (result.status === 404 && result.body.toString().includes(ownAnswer)) return null;
      return `another server answered, with status ${result.status}`;
    case "timeout":
      return "there was no answer in time";
    case "refused":
    case "network":
      return result.reason;
  }
}
