import type { Sql } from "../../database/connect.ts";
import { publicId } from "../../domain/ids.ts";
import {
  countForReview,
  type FailingPull,
  failingPulls,
  type PausedConnection,
  pausedConnections,
  type UnhealthyEndpoint,
  unhealthyEndpoints,
} from "./attention-store.ts";
import { counted, type DoctorFinding, note } from "./finding.ts";

/** Notes on everything that works as designed and waits for a person, with the next command. */
export async function checkAttention(sql: Sql): Promise<DoctorFinding[]> {
  const [{ reviews, quarantined }, endpoints, connections, pulls] = await Promise.all([
    countForReview(sql),
    unhealthyEndpoints(sql),
    pausedConnections(sql),
    failingPulls(sql),
  ]);
  const findings: DoctorFinding[] = [];
  if (reviews > 0) {
    const what = counted(reviews, "transaction is in review", "transactions are in review");
    findings.push(note(what, "hakika transactions list --review true, then hakika transactions resolve"));
  }
  if (quarantined > 0) {
    const what = counted(quarantined, "callback is in quarantine", "callbacks are in quarantine");
    findings.push(note(what, "hakika callbacks list --state quarantined"));
  }
  return [...findings, ...endpoints.map(endpointNote), ...connections.map(connectionNote), ...pulls.map(pullNote)];
}

function endpointNote({ id, enabled, since, reason }: UnhealthyEndpoint): DoctorFinding {
  const name = publicId("endpoint", id);
  const at = since.toISOString();
  return enabled
    ? note(
        `endpoint ${name} has failed every attempt since ${at}`,
        `hakika deliveries list --endpoint ${name} shows its responses`,
      )
    : note(
        `endpoint ${name} has been disabled since ${at}: ${reason ?? "no reason is stored"}`,
        `hakika endpoints enable ${name}, then hakika endpoints recover ${name} --since ${at}`,
      );
}

function connectionNote({ id, until, reason, detail }: PausedConnection): DoctorFinding {
  return note(
    `connection ${publicId("connection", id)} is not polled until ${until.toISOString()}: ${detail ?? reason}`,
    "it resumes by itself; after refused credentials, when they are set again",
  );
}

function pullNote({ id, reason }: FailingPull): DoctorFinding {
  const what = `the statements of ${publicId("connection", id)} are not read to their end: ${reason}`;
  return note(what, "hakika reconcile goes on with them; see the part on reconciliation in docs/operating.md");
}
