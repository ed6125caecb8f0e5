import { installationShard } from "../../alerts/look/spool-watch.ts";
import { sealContext } from "../../database/seal-contexts.ts";
import { newUuid, publicId } from "../../domain/ids.ts";
import { recordAudit } from "../audit/record.ts";
import { merchantScope } from "../caller.ts";
import { merchantFor } from "../merchants/merchant-for.ts";
import { conflict, limitReached } from "../problem.ts";
import { created } from "../response.ts";
import { route } from "../route.ts";
import { alertChannelInput, checkAlertChannel, targetOf } from "./channel-input.ts";
import { alertChannelJson, newAlertChannelSchema } from "./channel-json.ts";
import { countAlertChannels, insertAlertChannel } from "./store.ts";

const channelsMax = 50;

export const createAlertChannel = route({
  method: "POST",
  path: "/v1/alert-channels",
  tag: "Alerts",
  name: "createAlertChannel",
  summary: "Create an alert channel",
  description:
    "It gets one message when an alert opens and one when it closes: a signed webhook with the event `alert.opened` " +
    "or `alert.closed`, Slack, Telegram or e-mail. URL, token and `secret` are write-only.",
  access: "any",
  body: alertChannelInput,
  example: { kind: "email", to: "ops@example.com", alerts: ["silence", "review"], remind_after_s: 3600 },
  responses: { 201: { description: "The channel", schema: newAlertChannelSchema } },
  problems: { 409: "E-mail, on an installation without `HAKIKA_SMTP_URL`." },
  async handle({ caller, body }, deps) {
    const isOfAll = merchantScope(caller) === null && body.merchant_id === undefined;
    const owner = isOfAll
      ? ({ kind: "owner", shard: installationShard, merchantId: null } as const)
      : await merchantFor(caller, body.merchant_id, deps.db);
    if (owner.kind === "problem") return owner;
    const problem = checkAlertChannel(body, deps.egressAllow);
    if (problem) return problem;
    if (body.kind === "email" && !deps.sendsEmail) {
      return conflict("This installation sends no e-mail: its operator has to set HAKIKA_SMTP_URL.");
    }

    const { shard, merchantId } = owner;
    const id = newUuid(shard);
    const { target, secrets } = targetOf(body);
    const { kind, alerts = null, remind_after_s: remindAfterS = null } = body;
    const row = await deps.db.transaction(async tx => {
      if ((await countAlertChannels(tx, shard, merchantId)) >= channelsMax) return null;
      const sealed = deps.box.seal(JSON.stringify(secrets), sealContext.alertChannel(id));
      const made = await insertAlertChannel(tx, {
        ...{ shard, id, merchantId, kind, target, alerts, remindAfterS },
        secrets: sealed,
      });
      await recordAudit(tx, caller, {
        shard,
        merchantId,
        action: "alert_channel.created",
        subject: publicId("alertChannel", id),
        after: { kind, target: kind === "webhook" ? new URL(target).origin : target, alerts, remindAfterS },
      });
      return made;
    });
    if (row === null) return limitReached(`There are ${channelsMax} alert channels, and there may be no more.`);
    return created({ ...alertChannelJson(row), ...(secrets.secret !== undefined && { secret: secrets.secret }) });
  },
});
