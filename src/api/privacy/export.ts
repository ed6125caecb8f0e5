import { z } from "zod";
import { exportFromShard, type PersonExport } from "../../privacy/export-person.ts";
import { shardsWithMerchants } from "../../privacy/find-store.ts";
import { personOf } from "../../privacy/person.ts";
import { ok } from "../response.ts";
import { route } from "../route.ts";
import { phoneInput, timeOutput } from "../schemas/fields.ts";
import { transactionSchema } from "../transactions/transaction-schema.ts";
import { auditPerson } from "./audit-person.ts";

const objects = z.array(z.record(z.string(), z.unknown())).meta({ examples: [[]] });

export const exportPerson = route({
  method: "POST",
  path: "/v1/privacy/export",
  tag: "Privacy",
  name: "exportPerson",
  summary: "Export what is stored of a person",
  description:
    "All that is stored of the person with this number, of all merchants: transactions, the events that merchants " +
    "were sent, the callbacks that name the number, USSD sessions. Answers when it is done.",
  access: "admin",
  body: z.strictObject({ phone: phoneInput }),
  example: { phone: "+254712345678" },
  responses: {
    200: {
      description: "What is stored",
      schema: z
        .object({
          phone: z.string().meta({ examples: ["+254712345678"] }),
          made_at: timeOutput,
          transactions: z.array(transactionSchema),
          events: objects,
          callbacks: objects,
          ussd_sessions: objects,
        })
        .meta({ id: "ExportedPerson" }),
    },
  },
  async handle({ caller, body: { phone } }, deps) {
    const { sql, phones, now } = deps;
    const person = personOf(phone, phones, sql.vault);
    const all: PersonExport = { transactions: [], events: [], callbacks: [], ussd_sessions: [] };
    for (const shard of await shardsWithMerchants(sql)) {
      const found = await exportFromShard(sql, shard, person);
      for (const name of Object.keys(all) as (keyof PersonExport)[]) all[name].push(...found[name]);
    }
    const counts = Object.fromEntries(Object.entries(all).map(([name, rows]) => [name, rows.length]));
    await auditPerson(caller, deps, "person.exported", phone, counts);
    return ok({ phone, made_at: now().toISOString(), ...all });
  },
});
