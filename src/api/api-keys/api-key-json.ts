import { z } from "zod";
import { publicId } from "../../domain/ids.ts";
import { scopes } from "../caller.ts";
import { idOutput, timeOutput } from "../schemas/fields.ts";
import type { ApiKeyRow } from "./store.ts";

const shape = {
  id: idOutput("apiKey"),
  name: z.string().meta({ examples: ["checkout server"] }),
  scopes: z.array(z.enum(scopes)).meta({ description: "What the key may do", examples: [["read", "register"]] }),
  expires_at: timeOutput.nullable().meta({ description: "null: never", examples: [null] }),
  created_by: z
    .string()
    .nullable()
    .meta({
      description: "`admin`, or the id of an operator or a key; null for keys from before this was kept",
      examples: ["admin"],
    }),
  last_used_at: timeOutput.nullable().meta({ description: "Within a minute; null: never used", examples: [null] }),
  created_at: timeOutput,
};

export const apiKeySchema = z
  .object(shape)
  .meta({ id: "ApiKey", description: "A merchant's API key, without the key itself." });

export const newApiKeySchema = z
  .object({ ...shape, key: z.string().meta({ description: "Shown in this response only.", examples: ["hk_2a…"] }) })
  .meta({ id: "NewApiKey" });

export function apiKeyJson(row: ApiKeyRow) {
  return {
    id: publicId("apiKey", row.id),
    name: row.name,
    scopes: row.scopes,
    expires_at: row.expiresAt?.toISOString() ?? null,
    created_by: row.createdBy,
    last_used_at: row.lastUsedAt?.toISOString() ?? null,
    created_at: row.createdAt.toISOString(),
  };
}
