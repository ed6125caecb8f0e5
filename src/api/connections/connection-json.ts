import { z } from "zod";
import { callbackUrls } from "../../connections/callback-urls.ts";
import { connectionSettings } from "../../connections/settings.ts";
import { shownVerification } from "../../connections/verification.ts";
import { sealContext } from "../../database/seal-contexts.ts";
import { publicId } from "../../domain/ids.ts";
import type { ApiDeps, DrizzleQueryable } from "../deps.ts";
import { idOutput, timeOutput } from "../schemas/fields.ts";
import { environment } from "./connection-input.ts";
import { activeTokens, type ConnectionRow } from "./store.ts";

const shape = {
  id: idOutput("connection"),
  merchant_id: idOutput("merchant"),
  provider: z.string().meta({ examples: ["daraja"] }),
  name: z.string().meta({ examples: ["Till 174379"] }),
  environment,
  base_url: z
    .string()
    .nullable()
    .meta({ description: "Instead of the provider's own host", examples: [null] }),
  callback_urls: z.record(z.string(), z.string()).meta({
    description: "Where the provider sends callbacks, by channel. The URLs are secrets.",
    examples: [{ stk: "https://pay.example.com/in/daraja/2aQ…/stk" }],
  }),
  credentials: z.array(z.string()).meta({
    description: "The names of the credentials that are set. Values are write-only.",
    examples: [["consumer_key", "consumer_secret"]],
  }),
  verification: shownVerification,
  settings: connectionSettings,
  created_at: timeOutput,
  updated_at: timeOutput,
};

export const connectionSchema = z
  .object(shape)
  .meta({ id: "Connection", description: "A merchant's account at a provider." });

export const newConnectionSchema = z
  .object({
    ...shape,
    forward_secret: z.string().meta({
      description: "Signs the questions that are forwarded to the merchant. Shown in this response only.",
      examples: ["whsec_…"],
    }),
  })
  .meta({ id: "NewConnection" });

/** Connections of one shard, as the API shows them, each with the callback URLs of its newest token. */
export async function connectionsJson(
  rows: ConnectionRow[],
  deps: Pick<ApiDeps, "box" | "publicUrl" | "providers">,
  db: DrizzleQueryable,
) {
  const [first] = rows;
  if (first === undefined) return [];
  const tokens = await activeTokens(
    db,
    first.shard,
    rows.map(({ id }) => id),
  );
  return rows.map(row => {
    const sealed = tokens.find(({ connectionId }) => connectionId === row.id)?.token;
    const token = sealed && deps.box.open(sealed, sealContext.callbackToken(row.id));
    return {
      id: publicId("connection", row.id),
      merchant_id: publicId("merchant", row.merchantId),
      provider: row.provider,
      name: row.name,
      environment: row.environment,
      base_url: row.baseUrl,
      callback_urls: token ? callbackUrls(deps.publicUrl, deps.providers.get(row.provider), token) : {},
      credentials: row.credentialNames,
      verification: row.verification,
      settings: row.settings,
      created_at: row.createdAt.toISOString(),
      updated_at: row.updatedAt.toISOString(),
    };
  });
}

/** A connection, as the API shows it. */
export async function connectionJson(
  row: ConnectionRow,
  deps: Pick<ApiDeps, "box" | "publicUrl" | "providers">,
  db: DrizzleQueryable,
) {
  const [json] = await connectionsJson([row], deps, db);
  return json!;
}
