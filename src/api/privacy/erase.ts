import { z } from "zod";
import { maskPhone } from "../../domain/phone.ts";
import { erasePersonInShard, type PersonCounts } from "../../privacy/erase-person.ts";
import { shardsWithMerchants } from "../../privacy/find-store.ts";
import { personOf } from "../../privacy/person.ts";
import { ok } from "../response.ts";
import { route } from "../route.ts";
import { phoneInput } from "../schemas/fields.ts";
import { auditPerson, installationShard } from "./audit-person.ts";
import { eraseAnswers } from "./person-answers.ts";
import { eraseApprovals } from "./person-approvals.ts";

const counts = z.int().meta({ examples: [2] });

export const erasePerson = route({
  method: "POST",
  path: "/v1/privacy/erase",
  tag: "Privacy",
  name: "erasePerson",
  summary: "Erase a person",
  description:
    "Erases phone, names and texts of the person with this number, of all merchants: in transactions, evidence, " +
    "registrations, events, USSD sessions; raw callbacks that name the number are dropped. Amounts, ids, statuses " +
    "and keyed hashes stay. What was delivered stays delivered; a later attempt sends the event without the person. " +
    "Answers when it is done.",
  access: "admin",
  body: z.strictObject({ phone: phoneInput }),
  example: { phone: "+254712345678" },
  responses: {
    200: {
      description: "How much was erased",
      schema: z
        .object({
          phone_masked: z.string().meta({ examples: ["+2547*****678"] }),
          transactions: counts,
          callbacks: counts,
          messages: counts,
          ussd_sessions: counts,
          stored_answers: counts,
          approvals: counts,
        })
        .meta({ id: "ErasedPerson" }),
    },
  },
  async handle({ caller, body: { phone } }, deps) {
    const { sql, phones, box } = deps;
    const person = personOf(phone, phones, sql.vault);
    const total = { transactions: 0, callbacks: 0, messages: 0, ussd_sessions: 0, stored_answers: 0, approvals: 0 };
    const shards = await shardsWithMerchants(sql);
    for (const shard of new Set([installationShard, ...shards])) {
      const erased = await erasePersonInShard(sql, shard, person, phones);
      for (const name of Object.keys(erased) as (keyof PersonCounts)[]) total[name] += erased[name];
      total.stored_answers += await eraseAnswers(sql, shard, person, box);
      total.approvals += await eraseApprovals(sql, shard, person, box);
    }
    await auditPerson(caller, deps, "person.erased", phone, total);
    return ok({ phone_masked: maskPhone(phone), ...total });
  },
});
