import type { Sql } from "../../database/connect.ts";
import { publicId } from "../../domain/ids.ts";
import { countForReview, pausedConnections, unhealthyEndpoints } from "./attention-store.ts";
import { counted, type DoctorFinding, note } from "./finding.ts";

/** What works as it should and yet waits for somebody: notes, with the command that goes on from there. */
export async function checkAttention(sql: Sql): Promise<DoctorFinding[]> {
  const [{ reviews, quarantined }, endpoints, connections] = await Promise.all([
    countForReview(sql),
    unhealthyEndpoints(sql),
    pausedConnections(sql),
  ]);
  return [
    ...(reviews > 0
      ? [
          note(
            counted(reviews, "transaction is in review", "transactions are in review"),
            "hakika transactions list --review true, then hakika transactions resolve",
          ),
        ]
      : []),
    ...(quarantined > 0
      ? [
          note(
            counted(quarantined, "callback is in quarantine", "callbacks are in quarantine"),
            "hakika callbacks list --state quarantined",
          ),
        ]
      : []),
    ...endpoints.map(({ id, enabled, since, reason }) => {
      const name = publicId("endpoint", id);
      const at = since.toISOString();
      return enabled
        ? note(
            `endpoint ${name} has taken nothing since ${at}`,
            `hakika deliveries list --endpoint ${name} shows what it answers`,
          )
        : note(
            `endpoint ${name} is disabled since ${at}: ${reason ?? "no reason is kept"}`,
            `hakika endpoints enable ${name}, then hakika endpoints recover ${name} --since ${at}`,
          );
    }),
    ...connections.map(({ id, until, reason, detail }) =>
      note(
        `connection ${publicId("connection", id)} is not asked until ${until.toISOString()}: ${detail ?? reason}`,
        "it goes on by itself; refused credentials when they are set anew",
      ),
    ),
  ];
}
